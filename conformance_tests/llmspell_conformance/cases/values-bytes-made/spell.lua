local unpack = table.unpack or unpack
return probe.echo(bytes(string.char(unpack(params.x))))
