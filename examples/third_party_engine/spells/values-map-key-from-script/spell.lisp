(define wrong {7 1 :b 2})
(for _ (range params.depth)
  (set! wrong {:a wrong}))
wrong
