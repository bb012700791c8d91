local n = params.start
return probe.call_twice(function() n = n + 1 return n end)
