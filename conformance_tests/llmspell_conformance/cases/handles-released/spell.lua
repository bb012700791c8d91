local held = {}
for i = 1, params.count do held[i] = probe.counter(i) end
return #held
