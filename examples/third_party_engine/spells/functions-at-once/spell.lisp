(probe.call-all (lambda (i) (probe.meet params.count i)) params.count)
