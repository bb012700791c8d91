(lambda (x) [(probe.echo x)])
