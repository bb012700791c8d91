local function one() end
local function two() end
return { probe.same(one, one), probe.same(one, two), probe.same({ one }, { one }) }
