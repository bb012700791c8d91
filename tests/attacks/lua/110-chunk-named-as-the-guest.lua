-- expect: denied | group: escape | holds: code that is named like the guest's own gets no environment of the guest
for _, name in ipairs({ "=?", "=[C]", "@prelude.lua", "@?", "", "\0" }) do
  local f = load("return native or core and core.start or WAIT or loaded or parts", name)
  if f and f() then return "ESCAPE " .. name end
end
return "ok"
