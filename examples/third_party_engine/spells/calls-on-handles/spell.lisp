(define counter (probe.counter))
(counter.add-many 1 2)
(probe.read counter)
