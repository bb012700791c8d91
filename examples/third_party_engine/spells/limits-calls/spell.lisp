(for i (range params.count)
  (try (probe.echo i) (catch e null)))
params.count
