-- Places are counted from 1 here, and both ends are part of it.
local from = params.from < 0 and params.from or params.from + 1
return core.table.slice({1, 2, 3, 4}, from, params.nothing and null or params.to)
