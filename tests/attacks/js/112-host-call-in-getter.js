// expect: denied | group: reentry | holds: a host call made from inside conversion is refused
var r = "ok"; try { (await probe.echo(new Proxy({}, { ownKeys() { try { probe.tick() } catch (e) {} return [] } }))) } catch (e) {} return r
