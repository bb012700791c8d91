(define part params.x)
(probe.echo [part part {:again part}])
