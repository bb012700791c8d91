(probe.echo (now))
(now)
