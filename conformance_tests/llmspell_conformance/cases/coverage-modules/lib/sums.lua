local double = function(n)
  if n > 0 then
    return 2 * n
  end
  return 0
end
return double
