(define seen 0)
(try
  (for _ (probe.stream-then-fail params.count)
    (set! seen (+ seen 1)))
  (catch e {:seen seen :kind e.kind}))
