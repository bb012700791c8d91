local ok = pcall(promise.timeout, 1, params.seconds)
return ok and "taken" or "refused"
