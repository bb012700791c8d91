local function descend(n)
  if n == 0 then return 0 end
  return 1 + probe.call(descend, n - 1)
end
return descend(params.depth)
