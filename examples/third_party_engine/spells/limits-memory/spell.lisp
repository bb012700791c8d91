(define held [])
(for i (range params.count)
  (push! held (text (repeat "x" 10000) i)))
(length held)
