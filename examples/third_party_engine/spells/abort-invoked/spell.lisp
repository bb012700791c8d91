(probe.keep (lambda ()
  (probe.never)
  (print "still here")))
