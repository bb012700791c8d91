(probe.echo-all null 1 null null)
(probe.echo-all null)
null
