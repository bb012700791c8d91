// expect: harmless | group: border | holds: a revoked proxy is refused wherever it crosses
const { proxy, revoke } = Proxy.revocable([], {});
revoke();
for (const f of [() => probe.echo(proxy), () => probe.echo({ proxy }), () => print(proxy), () => probe.call(() => proxy), () => console.log(proxy)]) try { await f() } catch {}
return "ok"
