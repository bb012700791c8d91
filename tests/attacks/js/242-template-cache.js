// expect: limit | group: memory | holds: code made again and again fills the memory allowed, no more
const all = [];
for (let i = 0; ; i++) all.push(new Function("return `${" + i + "}` + " + "1+".repeat(500) + "1"))
