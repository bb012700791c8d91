(print "before")
(print-error params.text)
(print "after")
