pcall(probe.call_all, function() return 1 end, params.count)
return params.count
