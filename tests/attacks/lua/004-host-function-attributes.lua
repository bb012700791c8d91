-- expect: denied | group: escape | holds: a host function is a plain Lua function: cannot be indexed, has no metatable, no __globals__
for name, f in pairs(probe) do
  if type(f) ~= "function" then return "ESCAPE probe." .. name .. " is a " .. type(f) end
  if getmetatable(f) ~= nil then return "ESCAPE metatable on probe." .. name end
  local ok, v = pcall(function() return f.__globals__ end)
  if ok and v ~= nil then return "ESCAPE __globals__" end
  local ok2, v2 = pcall(function() return f.__class__ end)
  if ok2 and v2 ~= nil then return "ESCAPE __class__" end
end
return "ok"
