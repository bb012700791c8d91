local ok = pcall(errors.retry, function() error("m") end, params.options)
return ok and "well" or "gone"
