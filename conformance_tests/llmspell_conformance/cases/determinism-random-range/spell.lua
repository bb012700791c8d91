local seen, inside, repeated = {}, 0, 0
for _ = 1, params.count do
  local n = math.random()
  if n >= 0 and n < 1 then inside = inside + 1 end
  if seen[n] then repeated = repeated + 1 end
  seen[n] = true
end
return { inside = inside, repeated = repeated }
