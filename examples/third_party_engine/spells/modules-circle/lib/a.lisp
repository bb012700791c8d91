(print "a")
{:name "a" :names (lambda () (define b (import "b")) ["a" b.name (b.other)])}
