// expect: denied | group: memory | holds: doubling hits the memory or string limit
var s = "x"; while (true) s += s
