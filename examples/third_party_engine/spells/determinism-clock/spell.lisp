(define first (now))
(for _ (range 10000))
(probe.echo first (now))
(now)
