// expect: denied | group: escape | holds: no setTimeout, fetch, console with side effects, performance clock below 1 ms is fine
var bad = ["fetch", "XMLHttpRequest", "process", "require", "module", "Deno", "Bun", "WebSocket", "Worker"].filter(n => typeof globalThis[n] !== "undefined"); return bad.length ? "ESCAPE " + bad.join() : "ok"
