local held = {}
for i = 1, params.count do held[i] = string.rep("x", 10000) .. i end
return #held
