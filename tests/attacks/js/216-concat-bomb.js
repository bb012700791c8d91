// expect: limit | group: memory | holds: concat and spread that double end at the memory limit
let a = [0];
for (;;) a = a.concat(a)
