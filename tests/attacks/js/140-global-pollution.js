// expect: denied | group: tamper | holds: globals and prototypes of one run are not there for the next
// next: return typeof mine === "undefined" && ({}).polluted === undefined && [].polluted === undefined && typeof probe.echo === "function"
globalThis.mine = 1;
for (const o of [Object.prototype, Array.prototype, Function.prototype, String.prototype, globalThis]) try { o.polluted = 1 } catch {}
return "ok"
