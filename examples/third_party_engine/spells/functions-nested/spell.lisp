(define (descend n)
  (if (= n 0)
      0
      (+ 1 (probe.call descend (- n 1)))))
(descend params.depth)
