(probe.with-counter params.start (lambda (counter)
  (counter.incr)
  (counter.incr)))
