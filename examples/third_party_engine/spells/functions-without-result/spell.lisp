(probe.call (lambda (& _)) params.x)
