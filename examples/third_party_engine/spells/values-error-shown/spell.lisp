(try
  (probe.fail "odd" params.message)
  (catch e (has? (text e) params.message)))
