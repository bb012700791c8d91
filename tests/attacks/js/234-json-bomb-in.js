// expect: limit | group: memory | holds: JSON.parse of long texts for ever ends at a limit
const s = "[" + "{},".repeat(300000) + "1]", all = [];
for (;;) all.push(JSON.parse(s))
