(define changed (probe.echo params.x))
(remove! changed "a")
(put! changed "b" 2)
