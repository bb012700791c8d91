pcall(function() probe[params.name] = function() return "mine" end end)
return probe.echo({ 1 })
