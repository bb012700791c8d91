// expect: denied | group: escape | holds: a host function shows no attribute of the host object
var bad = []; for (var k of Object.keys(probe)) for (var p of ["__globals__", "__class__", "__self__", "__code__", "func_globals"]) if (probe[k][p] !== undefined) bad.push(k + "." + p); return bad.length ? "ESCAPE " + bad.join() : "ok"
