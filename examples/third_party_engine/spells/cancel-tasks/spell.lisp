(define (work n)
  (try (probe.echo n) (finally (print "still here"))))
(spawn (work 1))
(spawn (work 2))
