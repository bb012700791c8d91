// expect: denied | group: border | holds: what answers for a handle cannot be changed by any verb
const t = await probe.thing();
try { t.number = () => 8 } catch {}
try { Object.defineProperty(t, "number", { value: () => 8 }) } catch {}
try { Object.setPrototypeOf(t, { number: () => 8 }) } catch {}
return await t.number() === 7 && await probe.take(t) === 7 ? "ok" : "ESCAPE"
