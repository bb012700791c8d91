local ok = pcall(json.decode, params.text)
return ok and "accepted" or "refused"
