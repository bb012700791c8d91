// expect: harmless | group: border | holds: proxies whose every trap raises are refused wherever they cross
const traps = new Proxy({}, { get: () => () => { throw new Error("trap") } });
for (const target of [{}, [], () => {}, class {}, new Map(), new Date(0)]) {
  const p = new Proxy(target, traps);
  for (const f of [() => probe.echo(p), () => probe.echo([p]), () => probe.call(() => p), () => print(p), () => fs.read(p), () => { throw p }]) try { await f() } catch {}
}
return "ok"
