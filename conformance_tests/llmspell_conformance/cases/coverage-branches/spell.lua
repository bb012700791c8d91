local function never()
  return 9
end
local pick = function(n)
  if n > 1 then
    return "many"
  end
  return "one"
end
return pick(params.n)
