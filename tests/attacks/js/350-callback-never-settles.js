// expect: limit | group: callbacks | holds: a callback whose promise never settles keeps the run no longer than its time
setTimeout(() => {}, 1e7);
try { await probe.call(() => new Promise(() => {})) } catch {}
return "ESCAPE"
