local function ring() local t = {} t.a = t return t end
local function deep() local t = {} for _ = 1, 3000 do t = {a = t} end return t end
local make = params.deep and deep or ring
if params.f == "flatten" then local l = {} l[1] = l return data.flatten(l, math.huge) end
return data[params.f](make(), make())
