(define counter (probe.counter params.start))
[(counter.incr params.by) (counter.incr params.by) (counter.get)]
