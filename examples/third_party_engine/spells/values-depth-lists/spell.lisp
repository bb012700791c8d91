(define nested [])
(for _ (range 1 params.depth)
  (set! nested [nested]))
nested
