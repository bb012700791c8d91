(define nothing params.nothing)
(define fine 1)
nothing.field.deeper
