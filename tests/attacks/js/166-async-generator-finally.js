// expect: limit | group: swallow | holds: an async generator that loops in finally is stopped
async function* g() { try { yield 1 } finally { for (;;) await null } }
for await (const x of g()) break
