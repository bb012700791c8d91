(try
  (probe.fail params.kind params.message params.data)
  (catch e [e.kind e.message e.data]))
