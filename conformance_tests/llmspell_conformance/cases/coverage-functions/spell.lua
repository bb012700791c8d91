return probe.call(function(n)
  if n == 0 then
    return "none"
  end
  return n
end, params.n)
