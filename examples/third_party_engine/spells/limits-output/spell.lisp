(for _ (range params.count)
  (try (print "ten bytes.") (catch e null))
  (try (probe.echo) (catch e null)))
params.count
