// expect: denied | group: tamper | holds: Symbol.species of the spell's own classes is not used for the host's values
let seen = 0;
class Mine extends Array { static get [Symbol.species]() { seen++; return function () { return { length: 0 } } } }
const r = await probe.echo(Mine.from([1, 2, 3]));
return Array.isArray(r) && r.constructor === Array && r.length === 3 ? "ok" : "ESCAPE"
