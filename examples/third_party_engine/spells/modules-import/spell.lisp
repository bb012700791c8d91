(define wrap (import "wrap"))
(wrap params.x)
