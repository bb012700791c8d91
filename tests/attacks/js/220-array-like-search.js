// expect: limit | group: cpu | holds: searching objects that claim to be endless is stopped
Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 7);
Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 7);
return Array.prototype.findLast.call({ length: 2 ** 53 - 1 }, () => false)
