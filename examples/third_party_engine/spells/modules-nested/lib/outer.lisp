(define double (import "double"))
(lambda (n) (+ (double n) 1))
