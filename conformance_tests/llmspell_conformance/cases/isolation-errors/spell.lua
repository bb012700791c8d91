counted = (counted or 0) + 1
if counted == 1 then error("first time") end
return "seen before"
