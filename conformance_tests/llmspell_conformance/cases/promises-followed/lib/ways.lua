local P, way = promise.resolve, {}
local function own(f) return { and_then = f } end
local one = own(function(_, resolve) resolve(1) end)
function way.resolves() return P(one) end
function way.rejects() return P(own(function(_, _, reject) reject(2) end)) end
function way.twice() return P(own(function(_, resolve, reject) resolve(1) resolve(8) reject(9) end)) end
function way.raises_late() return P(own(function(_, resolve) resolve(1) error(9, 0) end)) end
function way.raises() return P(own(function() error(3, 0) end)) end
function way.again() return P(own(function(_, resolve) resolve(one) end)) end
function way.unreadable() return P(setmetatable({}, { __index = function() error(4, 0) end })) end
function way.no_function() return P(own(7)) end
function way.returned() return P():and_then(function() return one end) end
function way.bridge() return P(own(function(_, resolve) resolve(probe.echo(5)) end)) end
function way.task() return promise.spawn(function() return one end) end
return way
