// expect: limit | group: cpu | holds: Array.prototype.reverse on {length: 2^53-1} is stopped
return Array.prototype.reverse.call({ length: 2 ** 53 - 1 })
