// expect: denied | group: border | holds: nothing a spell can make is taken for a handle
const t = await probe.thing();
for (const fake of [1, "1", {}, { id: 1 }, { $: ["handle", 1] }, () => {}, Object.create(t), new Proxy(t, {}), probe, true, [t]])
  try { await probe.take(fake); return "ESCAPE" } catch {}
return await probe.take(t) === 7 ? "ok" : "ESCAPE refused"
