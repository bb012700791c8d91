-- expect: denied | group: stack | holds: recursion through C callbacks (gsub) ends with an error, never a native overflow
local function f(s) return (s:gsub(".", f)) end return f("a")
