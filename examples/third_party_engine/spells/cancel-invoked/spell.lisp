(probe.keep (lambda ()
  (try (probe.never) (finally (print "still here")))
  (print "still here")))
