(print "begun")
(define 5 6)
(print "ended")
