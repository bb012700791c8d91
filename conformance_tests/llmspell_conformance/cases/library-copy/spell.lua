local deep, cycle, part = {}, {}, {}
for _ = 1, 5000 do deep = {deep} end
cycle.self = cycle
local ways = { list = {1}, inside = {a = {}}, cycle = cycle, shared = {part, part}, deep = deep }
local was = ways[params.how]
local copy = core.table.deep_copy(was)
if params.how == "cycle" then return {copy ~= was, copy.self == copy} end
if params.how == "shared" then return {copy[1] ~= part, copy[1] == copy[2]} end
if params.how == "list" then copy[2] = 2 else copy.a.b = 1 end
return {was, copy}
