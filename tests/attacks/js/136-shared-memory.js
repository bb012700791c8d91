// expect: denied | group: escape | holds: no shared memory, no Atomics, no weak references, no finalizers
return ["SharedArrayBuffer", "Atomics", "WeakRef", "FinalizationRegistry"].filter(n => n in globalThis || (0, eval)("typeof " + n) !== "undefined").length ? "ESCAPE" : "ok"
