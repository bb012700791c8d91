(define mine params.x)
(probe.keep mine)
(set! mine.items "changed")
(probe.kept)
