(print "b")
(define a (import "a"))
{:name "b" :other (lambda () a.name)}
