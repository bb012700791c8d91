-- expect: limit | group: swallow | holds: a tree of coroutines at the edge of the stack cannot outlive the limit | inline: at the edge of the C stack the hook itself fails, and pcall swallows that
local function f() pcall(coroutine.wrap(f)) pcall(coroutine.wrap(f)) end
f()
