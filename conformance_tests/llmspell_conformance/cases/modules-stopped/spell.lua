local function load_it() return require(params.file).x end
local waiting = promise.spawn(function() sleep(0.005) return load_it() end)
local _, problem = pcall(errors.timeout, load_it, 0.01)
return { problem.kind, waiting:await(), load_it() }
