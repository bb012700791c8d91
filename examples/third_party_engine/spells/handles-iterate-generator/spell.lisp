(define seen [])
(for item (probe.stream params.items)
  (push! seen item))
seen
