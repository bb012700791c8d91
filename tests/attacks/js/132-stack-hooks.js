// expect: denied | group: escape | holds: hooks for stack traces are never called
let called = false;
try { Error.prepareStackTrace = () => { called = true; return [] } } catch {}
try { Object.defineProperty(Error, "prepareStackTrace", { value: () => { called = true } }) } catch {}
try { Error.stackTraceLimit = 1e9 } catch {}
try { null.x } catch (e) { e.stack }
return called ? "ESCAPE" : "ok"
