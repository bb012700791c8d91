// expect: limit | group: cpu | holds: Array.prototype.reverse on {length: 2^53-1} is stopped | inline: reversing an array-like object is a native loop that is not interrupted
return Array.prototype.reverse.call({ length: 2 ** 53 - 1 })
