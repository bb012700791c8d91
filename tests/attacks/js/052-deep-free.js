// expect: harmless | group: stack | holds: freeing a deep object graph does not overflow the native stack
var o = {}; for (var i = 0; i < 200000; i++) o = { o }; o = null; return "ok"
