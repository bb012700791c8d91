(define first (import "tally"))
(define second (import "tally"))
[(first.count) (second.count)]
