(probe.call (lambda (a b) [b a]) params.a params.b)
