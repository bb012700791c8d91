(probe.keep (lambda (x)
  (probe.collect (probe.echo x))
  null))
(probe.echo "main")
null
