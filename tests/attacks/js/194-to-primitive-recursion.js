// expect: denied | group: stack | holds: a conversion that needs itself ends at the stack
const o = { [Symbol.toPrimitive]() { return `${o}` } };
return `${o}`
