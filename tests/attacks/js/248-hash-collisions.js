// expect: limit | group: cpu | holds: maps whose keys collide do not stall the run beyond its time
const m = new Map();
for (let i = 0; ; i++) { m.set(i * 2 ** 32, i); m.set(-i / 3, i); if (m.size > 100000) m.clear() }
