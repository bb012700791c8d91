return probe.with_counter(params.start, function(counter)
  counter:incr()
  return counter:incr()
end)
