(define message params.x)
(throw message)
