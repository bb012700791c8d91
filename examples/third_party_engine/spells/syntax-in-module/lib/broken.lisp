(define 5 6)
