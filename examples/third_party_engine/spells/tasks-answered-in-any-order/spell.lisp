(define seen [])
(define (work i)
  (spawn (push! seen (probe.later (+ i 1) (get params.turns i)))))
(all (map work (range (length params.turns))))
seen
