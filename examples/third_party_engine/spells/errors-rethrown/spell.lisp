(try
  (probe.fail params.kind "m" {:a 1})
  (catch e
    (probe.collect "cleaned up")
    (throw e)))
