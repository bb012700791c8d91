; A generator here is a function that is given what to do with each item.
(define (numbers give)
  (for i (range 1 (+ params.count 1))
    (give (probe.echo i))))
(define seen [])
(numbers (lambda (n) (push! seen n)))
seen
