(define seen [])
(for item (probe.range params.count)
  (push! seen item))
seen
