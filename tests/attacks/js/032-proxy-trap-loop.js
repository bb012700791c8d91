// expect: limit | group: cpu | holds: a trap that never returns is stopped
return new Proxy({}, { get() { while (true) {} } }).x
