(for i (range 1 (+ params.count 1))
  (spawn (probe.collect (probe.echo i))))
"main"
