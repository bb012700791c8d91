(define count 0)
(define seen [])
(probe.keep (lambda () (set! count (+ count 1)) count))
(for _ (range params.times)
  (push! seen (probe.call-kept)))
seen
