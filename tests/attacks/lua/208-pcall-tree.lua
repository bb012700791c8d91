-- expect: limit | group: swallow | holds: a tree of pcalls at the edge of the stack cannot outlive the limit | inline: at the edge of the C stack the hook itself fails, and pcall swallows that
local function f() pcall(f) pcall(f) end
f()
