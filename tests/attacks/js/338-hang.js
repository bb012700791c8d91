// expect: limit | group: wall | holds: a call that never comes back does not keep the run beyond its time
await Promise.race([probe.hang(), new Promise(() => {})])
return "ESCAPE"
