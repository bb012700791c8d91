// expect: denied | group: escape | holds: Symbol.toPrimitive of an argument is not run by the converter
var hit = false; try { (await probe.echo({ [Symbol.toPrimitive]() { hit = true; return 1 } })) } catch (e) {} return hit ? "ESCAPE toPrimitive ran" : "ok"
