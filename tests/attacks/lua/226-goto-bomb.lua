-- expect: harmless | group: cpu | holds: a source with many labels and jumps compiles or is refused in time
local s = {}
for i = 1, 3000 do s[i] = "goto l" .. i end
for i = 1, 3000 do s[#s + 1] = "::l" .. i .. "::" end
load(table.concat(s, " "))
return "ok"
