(define held (map probe.counter (range 1 (+ params.count 1))))
(length held)
