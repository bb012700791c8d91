// expect: limit | group: swallow | holds: finally that returns cannot swallow the limit
function f() { try { for (;;); } finally { return f() } }
for (;;) f()
