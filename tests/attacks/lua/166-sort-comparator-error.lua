-- expect: harmless | group: cpu | holds: a comparator that raises odd things leaves the table usable
local t = { 5, 4, 3, 2, 1 }
for _, e in ipairs({ 1, true, {}, print }) do pcall(table.sort, t, function() error(e) end) end
table.sort(t)
return t[1] == 1
