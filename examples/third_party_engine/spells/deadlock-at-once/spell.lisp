(when params.call (probe.echo))
(await (promise))
