// expect: denied | group: border | holds: __proto__, constructor and doubled keys are keys like any other
const given = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2, "a": 1, "a": 3, "toString": 4, "then": 5, "toJSON": 6}');
const r = await probe.echo([given]);
return ({}).polluted === undefined && r[0].a === 3 && Object.hasOwn(r[0], "__proto__") && r[0].constructor === 2 ? "ok" : "ESCAPE"
