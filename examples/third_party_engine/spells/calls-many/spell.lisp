(define sum 0)
(for i (range 1 (+ params.count 1))
  (set! sum (+ sum (probe.echo i))))
sum
