local made = { ["function"] = function() end, bridge = probe, promise = promise.resolve(1) }
local x = params.make and made[params.make] or params.x
return list { core.is_array(x), core.is_object(x), core.is_callable(x) }
