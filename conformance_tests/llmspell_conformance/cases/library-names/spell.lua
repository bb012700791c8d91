local modules = {channel = channel, core = core, data = data, errors = errors, promise = promise, testing = testing}
local module = modules[params.module]
local wrote = pcall(function() module[params.f] = 1 end)
return list {require(params.module) == module, module[params.f] ~= nil, wrote and "wrote" or "refused"}
