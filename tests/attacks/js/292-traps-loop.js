// expect: limit | group: border | holds: a proxy whose traps never end is stopped where it crosses
for (;;) try { await probe.echo(new Proxy({}, { ownKeys() { for (;;); } })) } catch {}
