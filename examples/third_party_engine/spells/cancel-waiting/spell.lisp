(try
  (probe.never)
  (finally (print "cleaning up")))
(probe.collect "cleaning up")
