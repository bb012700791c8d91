// expect: limit | group: callbacks | holds: callbacks that multiply end at a limit
const f = () => probe.each(f, 300);
try { await f() } catch {}
return "ESCAPE"
