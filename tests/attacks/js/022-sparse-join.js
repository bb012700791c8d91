// expect: limit | group: cpu | holds: join of a sparse array of length 2^32-1 is stopped | inline: joining a sparse array is a native loop that is not interrupted
return new Array(2 ** 32 - 1).join("")
