(print "begun")
(define text "fire
