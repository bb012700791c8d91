(define tasks [])
(for i (range 1 (+ params.count 1))
  (try (push! tasks (spawn (probe.meet params.count i))) (catch e null)))
(all tasks)
