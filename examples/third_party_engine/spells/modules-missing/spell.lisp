(define name params.name)
(define found (import name))
found
