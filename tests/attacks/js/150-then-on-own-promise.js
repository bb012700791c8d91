// expect: denied | group: tamper | holds: a promise of the spell's own class captures none of the host's answers
let got = [];
class P extends Promise { then(...args) { got.push(args); return super.then(...args) } }
const r = await P.resolve(probe.echo("x"));
Object.setPrototypeOf(probe.tick(), P.prototype);
return r === "x" ? "ok" : "ESCAPE"
