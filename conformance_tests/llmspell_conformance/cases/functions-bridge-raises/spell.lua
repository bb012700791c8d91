return probe.call(function() return probe.fail(params.kind, "no", 5) end)
