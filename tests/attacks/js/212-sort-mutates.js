// expect: harmless | group: cpu | holds: a comparator that changes the array under the sort does no harm
const a = Array.from({ length: 1000 }, (_, i) => i);
a.sort((x, y) => { a.length = 0; a.push({}, 1n, null); return x < y ? 1 : -1 });
return "ok"
