(define values params.values)
(define builder (probe.builder params.most))
(builder.add (get values 0))
(builder.add (get values 1))
(if params.slip
  (builder.ad (get values 2))
  null)
(builder.add (get values 2))
(builder.build)
