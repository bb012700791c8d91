// expect: denied | group: border | holds: a handle answers only what it exposes
const t = await probe.thing();
for (const n of ["secret", "closed", "close", "__class__", "__init__", "__dict__", "_number", "__getattribute__", "iterable", "constructor", "prototype", "apply", "call", "bind"])
  try { return "ESCAPE " + n + await t[n]() } catch {}
return await t.number() === 7 ? "ok" : "ESCAPE"
