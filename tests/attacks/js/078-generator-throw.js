// expect: harmless | group: async | holds: closing half-run generators is safe
function* g() { try { yield 1 } catch (e) { yield 2 } finally { yield 3 } } for (var i = 0; i < 1000; i++) { var x = g(); x.next(); x.throw(1); x.return() } return "ok"
