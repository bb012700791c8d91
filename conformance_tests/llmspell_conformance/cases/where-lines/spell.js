if (params.line === 1) throw new Error("boom")
if (params.line === 2) throw new Error("boom")

if (params.line === 4) throw new Error("boom")
await probe.echo(1)
if (params.line === 6) throw new Error("boom")
