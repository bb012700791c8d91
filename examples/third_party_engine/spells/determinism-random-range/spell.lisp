(define seen {})
(define inside 0)
(define repeated 0)
(for _ (range params.count)
  (let ((n (random)))
    (when (and (>= n 0) (< n 1)) (set! inside (+ inside 1)))
    (when (has? seen (text n)) (set! repeated (+ repeated 1)))
    (put! seen (text n) true)))
{:inside inside :repeated repeated}
