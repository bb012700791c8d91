local ok, error = pcall(probe.fail, "odd", params.message)
return tostring(error):find(params.message, 1, true) ~= nil
