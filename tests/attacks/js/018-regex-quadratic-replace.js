// expect: limit | group: cpu | holds: quadratic replace over a long string is stopped
var s = "a".repeat(300000); return s.replace(/a*b/g, "")
