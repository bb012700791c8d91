(probe.call (lambda () (probe.fail params.kind "no" 5)))
