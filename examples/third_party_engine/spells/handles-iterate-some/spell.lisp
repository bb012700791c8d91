(define seen [])
(for item (probe.range 1000)
  (push! seen item)
  (when (= item params.stop) (break)))
seen
