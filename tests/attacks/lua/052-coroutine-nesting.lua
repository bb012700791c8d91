-- expect: denied | group: stack | holds: coroutines resuming coroutines without end run into a limit
local function f() return coroutine.wrap(f)() end return f()
