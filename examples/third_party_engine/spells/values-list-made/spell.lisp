(define made [])
(for i (range 1 (+ params.count 1))
  (push! made (* i i)))
made
