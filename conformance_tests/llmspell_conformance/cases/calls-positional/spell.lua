local unpack = table.unpack or unpack
return probe.echo_all(unpack(params.x))
