for _, item in ipairs(params.items) do probe.collect(item) end
return "done"
