// expect: limit | group: memory | holds: JSON.stringify of a DAG that unfolds to 2^40 nodes ends at a limit | inline: JSON.stringify grows one text natively, and is not interrupted
let a = [1];
for (let i = 0; i < 40; i++) a = [a, a];
for (;;) try { JSON.stringify(a) } catch {}
