local ch, got = channel.new(params.capacity), list {}
promise.spawn(function()
  for i = 1, params.count do ch:send(i) end
  ch:close()
end)
for value in ch do got[#got + 1] = value end
return got
