try { probe[params.name] = () => "mine" } catch {}
return await probe.echo([1])
