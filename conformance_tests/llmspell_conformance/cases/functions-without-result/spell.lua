return probe.call(function() end, params.x)
