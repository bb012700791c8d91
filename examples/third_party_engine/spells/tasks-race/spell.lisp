(define (work i)
  (spawn (probe.later (+ i 1) (get params.turns i))))
(race (map work (range (length params.turns))))
