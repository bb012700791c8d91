(for i (range 1 (+ params.count 1))
  (try (probe.echo i) (catch e null)))
