(define items (probe.echo params.x))
(while (> (length items) 0)
  (pop! items))
items
