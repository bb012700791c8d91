// expect: limit | group: callbacks | holds: a callback that answers with a thenable that loops is stopped
try { await probe.call(() => ({ then() { for (;;); } })) } catch {}
return "ESCAPE"
