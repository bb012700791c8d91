(define fire (import "fire"))
(fire.explode)
