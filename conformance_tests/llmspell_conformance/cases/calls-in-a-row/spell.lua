local one, two, three = table.unpack(params.values)
local builder = probe.builder(params.most)
  :add(one)
  :add(two)
if params.slip then
  builder:ad(three)
end
return builder:add(three):build()
