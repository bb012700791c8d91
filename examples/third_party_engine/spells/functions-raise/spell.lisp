(try
  (probe.call (lambda () (throw params.error)))
  (catch e [e.kind e.message e.data]))
