const [good, bad] = await Promise.allSettled([probe.echo(params.x), probe.fail("odd", "m")])
return [good, { status: bad.status, kind: bad.reason.kind }]
