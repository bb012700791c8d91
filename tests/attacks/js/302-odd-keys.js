// expect: denied | group: border | holds: symbols are left out or refused, and maps with keys that are no text do not cross
for (const m of [new Map([[1, 2]]), new Map([[{}, 1]]), new Map([[NaN, 1]]), new Map([[null, 1]])]) try { await probe.echo(m); return "ESCAPE" } catch {}
return Object.keys(await probe.echo({ [Symbol("x")]: 1, a: 1 })).join() === "a" ? "ok" : "ESCAPE"
