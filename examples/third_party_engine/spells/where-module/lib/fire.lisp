; Line 3 is where it burns.
(define (explode)
  (throw "boom"))
{:explode explode}
