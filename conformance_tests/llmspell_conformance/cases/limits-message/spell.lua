local text = string.rep("a", params.size)
return #probe.echo(text)
