// expect: denied | group: tamper | holds: the clock stands still while the spell computes, and chance is not the spell's to seed
const a = Date.now(), b = performance.now();
for (let i = 0; i < 100000; i++);
try { Date.now = () => 0; Math.random = () => 4 } catch {}
return Date.now() === a && performance.now() === b && Math.random() < 1 ? "ok" : "ESCAPE"
