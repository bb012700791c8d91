(print params.text)
(probe.echo)
params.text
