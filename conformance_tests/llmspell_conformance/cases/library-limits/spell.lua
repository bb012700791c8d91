local function strike()
  if params.limit == "cpu" then while true do end end
  for _ = 1, 50 do promise.spawn(sleep, 60) end
end
local function none() return "caught" end
local value = require("ways")[params.how](strike, none)
sleep(0)
return value or "survived"
