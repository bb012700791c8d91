// expect: harmless | group: callbacks | holds: callbacks that throw odd things are answered, and the run goes on
for (const e of [1, undefined, "x", Symbol("x"), 1n, () => {}, [], {}, new Proxy({}, {}), Promise.reject(1).catch(() => {}), NaN]) try { await probe.call(() => { throw e }); return "bad" } catch {}
return await probe.echo(1) === 1
