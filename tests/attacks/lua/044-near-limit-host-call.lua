-- expect: limit | group: memory | holds: calling a host function with almost no memory left must not crash or hang the host
local t, n = {}, 0
while true do
  local ok = pcall(function() for i = 1, 100 do n = n + 1 t[n] = string.rep("x", 10000) .. n end end)
  pcall(probe.big, 100000)
  pcall(probe.items)
end
