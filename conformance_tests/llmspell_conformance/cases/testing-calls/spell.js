const answer = params.answer === "text" ? "faked" : ({ x }) => x + 1
const faked = await testing.fakeCall("probe.echo", answer)
const first = await probe.echo(1)
const calls = await faked.calls()
await faked.restore()
return [first, await probe.echo("made"), calls]
