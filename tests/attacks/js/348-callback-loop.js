// expect: limit | group: callbacks | holds: a callback that never returns is stopped
try { await probe.call(() => { for (;;); }) } catch {}
return "ESCAPE"
