// expect: limit | group: cpu | holds: a regular expression that tries every way is stopped
for (const r of [/^(a+)+$/, /(a|a)*$/, /(.*)*x/, /^(([a-z])+.)+[A-Z]([a-z])+$/]) try { r.test("a".repeat(40) + "!") } catch {}
