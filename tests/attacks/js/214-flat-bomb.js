// expect: denied | group: memory | holds: flat of arrays that hold each other ends with an error or a limit
let a = [1];
for (let i = 0; i < 30; i++) a = [a, a];
return a.flat(Infinity).length
