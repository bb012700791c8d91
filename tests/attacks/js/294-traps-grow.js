// expect: limit | group: border | holds: a proxy that is deeper the deeper one looks is refused
const deeper = () => new Proxy({}, { ownKeys: () => ["a", "b"], getOwnPropertyDescriptor: () => ({ value: deeper(), enumerable: true, configurable: true }), get: () => deeper() });
for (;;) try { await probe.echo(deeper()) } catch {}
