return probe.call(function(a, b) return { b, a } end, params.a, params.b)
