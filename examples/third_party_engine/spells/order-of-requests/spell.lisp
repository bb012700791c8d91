(define (work n)
  (spawn (print n) (probe.echo n) (print (text n " done"))))
(all [(work 1) (work 2)])
null
