-- expect: harmless | group: callbacks | holds: a function that the host kept is not called after the run, nor in another
-- next: return not pcall(probe.kept)
probe.keep(function() return 1 end)
return probe.kept() == 1
