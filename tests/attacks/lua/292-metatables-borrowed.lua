-- expect: denied | group: border | holds: the metatables of bytes, errors, lists and handles cannot be borrowed
local _, e = pcall(probe.fail)
for _, v in ipairs({ bytes("x"), e, list({}), null, probe.thing(), probe }) do
  if type(getmetatable(v)) == "table" then return "ESCAPE" end
end
return "ok"
