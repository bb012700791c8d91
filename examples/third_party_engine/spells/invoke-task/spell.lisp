(probe.keep (lambda (x) [(probe.echo x)]))
"main"
