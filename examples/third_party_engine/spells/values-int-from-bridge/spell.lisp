(try
  (probe.power-of-two params.bits)
  (catch e e.kind))
