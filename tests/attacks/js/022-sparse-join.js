// expect: limit | group: cpu | holds: join of a sparse array of length 2^32-1 is stopped
return new Array(2 ** 32 - 1).join("")
