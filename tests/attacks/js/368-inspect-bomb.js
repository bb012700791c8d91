// expect: harmless | group: output | holds: showing what is deep and wide is bounded
let deep = {};
for (let i = 0; i < 20000; i++) deep = { deep };
let dag = [1];
for (let i = 0; i < 30; i++) dag = [dag, dag];
for (const v of [deep, dag]) try { console.log(v) } catch {}
return "ok"
