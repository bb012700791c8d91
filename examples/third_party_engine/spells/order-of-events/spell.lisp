(define seen [])
(define (work i)
  (spawn (push! seen (probe.echo i))))
(all (map work [1 2 3]))
seen
