// expect: denied | group: stack | holds: a getter that asks for itself ends at the stack
const o = { get x() { return this.x } };
return o.x
