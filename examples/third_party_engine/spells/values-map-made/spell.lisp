(define made {})
(for key params.keys
  (put! made key 1))
(probe.echo made)
