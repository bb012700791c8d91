// expect: limit | group: cpu | holds: splice / copyWithin / lastIndexOf on huge lengths are stopped
Array.prototype.lastIndexOf.call({ length: 2 ** 53 - 1 }, 7); return Array.prototype.copyWithin.call({ length: 2 ** 53 - 1 }, 0, 5)
