(define sum 0)
(for counter (probe.counters params.count)
  (set! sum (+ sum (counter.get))))
sum
