// expect: denied | group: escape | holds: no I/O of its own is there, and fetch asks the policy like any call
var bad = ["XMLHttpRequest", "process", "require", "module", "Deno", "Bun", "WebSocket", "Worker"].filter(n => typeof globalThis[n] !== "undefined"); try { await fetch("http://127.0.0.1:1/"); bad.push("fetch") } catch (e) { if (e.kind === "internal") bad.push("fetch failed inside") }
return bad.length ? "ESCAPE " + bad.join() : "ok"
