(define a (import "a"))
(a.names)
