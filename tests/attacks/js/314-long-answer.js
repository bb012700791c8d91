// expect: limit | group: border | holds: an answer longer than a message ends the run
try { await probe.big(2000000) } catch {}
return "ESCAPE"
