// expect: harmless | group: async | holds: timers with odd times and numbers do no harm
for (const t of [-1, NaN, Infinity, "x", {}, 1e300, null]) { const id = setTimeout(() => {}, t); clearTimeout(id) }
for (const id of [0, -1, NaN, "x", {}, null, 99, 2 ** 53]) { clearTimeout(id); clearInterval(id) }
return "ok"
