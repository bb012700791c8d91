-- expect: harmless | group: coroutine | holds: yield across a host call or metamethod gives an error, never corruption
local co = coroutine.wrap(function() local t = setmetatable({}, { __index = function() coroutine.yield(1) return 2 end }) return t.x, probe.echo(1) end) co() co() return "ok"
