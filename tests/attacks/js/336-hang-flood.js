// expect: limit | group: calls | holds: calls that never end are bounded
for (let i = 0; i < 20000; i++) probe.hang();
return "ok"
