(print params.text)
(probe.echo)
(print "after")
