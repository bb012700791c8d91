// expect: denied | group: border | holds: cycles are refused wherever they cross
const t = {}; t.t = [t];
for (const f of [() => probe.echo(t), () => probe.call(() => t)]) try { await f(); return "ESCAPE" } catch {}
throw Object.assign(new Error("x", { cause: t }), { data: t })
