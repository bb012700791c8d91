return probe.call_all(function(i) return probe.meet(params.count, i) end, params.count)
