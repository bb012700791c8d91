const same = (x) => x
const back = await probe.echo(same)
return [back === same, back(params.x)]
