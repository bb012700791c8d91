(define seen [])
(try
  (probe.fail-because params.depth)
  (catch e
    (while e.cause
      (set! e e.cause)
      (push! seen e.message))))
seen
