for _, item in ipairs(params.items) do promise.spawn(probe.collect, item) end
return "main"
