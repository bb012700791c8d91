// expect: limit | group: calls | holds: timers that start timers are bounded
const f = () => { setTimeout(f, 0); setTimeout(f, 0) };
f()
