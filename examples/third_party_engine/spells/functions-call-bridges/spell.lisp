(probe.call (lambda (x) [(probe.echo x) (probe.echo x)]) params.x)
