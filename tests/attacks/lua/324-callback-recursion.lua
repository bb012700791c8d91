-- expect: limit | group: callbacks | holds: callbacks that call the host that calls them back end at a limit
local function f() return probe.call(f) end
return f()
