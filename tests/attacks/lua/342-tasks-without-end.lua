-- expect: limit | group: tasks | holds: tasks that start tasks without end are stopped
local function f() promise.spawn(f) promise.spawn(f) end
f()
