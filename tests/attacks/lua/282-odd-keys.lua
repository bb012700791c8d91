-- expect: denied | group: border | holds: keys that are no text do not cross
for _, t in ipairs({ { [1.5] = 1 }, { [true] = 1 }, { [{}] = 1 }, { [print] = 1 }, { 1, 2, x = 3 }, { [0] = 1 }, { [-1] = 1 }, { [2] = 1 }, { [math.huge] = 1 } }) do
  if pcall(probe.echo, t) then return "ESCAPE" end
end
return "ok"
