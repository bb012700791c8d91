-- expect: denied | group: coroutine | holds: yielding from the main chunk is an error, not a way to suspend the host
local ok, e = pcall(coroutine.yield, "x") return "ok"
