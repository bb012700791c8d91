const ring = {}
ring.next = [ring]
if (!params.catch) return await probe.echo(ring)
try { return await probe.echo(ring) } catch (error) { return error.kind }
