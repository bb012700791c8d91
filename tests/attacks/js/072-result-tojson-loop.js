// expect: limit | group: swallow | holds: a result object whose toJSON never returns does not hang the host
return ({ toJSON() { while (true) {} } })
