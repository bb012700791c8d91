// expect: limit | group: memory | holds: objects of ever new shapes fill the memory allowed, no more
const all = [];
for (let i = 0; ; i++) all.push({ ["k" + i]: 1, ["l" + i]: 2 })
