// expect: limit | group: memory | holds: symbols without end fill the memory allowed, no more
const all = [];
for (let i = 0; ; i++) all.push(Symbol.for("x".repeat(100) + i))
