// expect: limit | group: cpu | holds: a reviver that grows what it walks is stopped
JSON.parse("[1,2]", function (k, v) { if (Array.isArray(this)) this.push({ a: [1, 2] }); for (;;); })
