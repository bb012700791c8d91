// expect: limit | group: cpu | holds: a regular expression whose lastIndex lies is stopped
const r = /x*/g;
for (;;) { r.lastIndex = 2 ** 53 - 1; r.exec("x".repeat(1000)); "x".repeat(1000).replace(r, "y") }
