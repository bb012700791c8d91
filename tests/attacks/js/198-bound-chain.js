// expect: denied | group: stack | holds: calling a very long chain of bound functions ends with an error
let f = () => 1;
for (let i = 0; i < 100000; i++) f = f.bind();
try { f() } catch {}
return "ok"
