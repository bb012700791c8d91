// expect: limit | group: stack | holds: deep source nesting ends the run at its limit
for (var s of ["(".repeat(100000), "[".repeat(100000), "{".repeat(100000), "-".repeat(300000) + "1", "a?".repeat(50000), "`${".repeat(50000)]) try { eval(s) } catch (e) {} return "ok"
