(define (nap seconds)
  (spawn (sleep seconds) (probe.collect seconds)))
(nap 60)
(nap 0.5)
"main"
