(all (map (lambda (i) (spawn (probe.meet params.count i))) (range 1 (+ params.count 1))))
