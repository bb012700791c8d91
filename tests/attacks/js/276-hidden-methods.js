// expect: denied | group: border | holds: a bridge answers only what it exposes, whatever the name
for (const n of ["hidden", "secret", "_kept", "__class__", "__init__", "__dict__", "__getattribute__", "__reduce_ex__", "close", "name", "context", "constructor", "prototype", "apply", "call.call",
  "echo.__globals__", "echo\0", "../hidden", "hidden ", "Hidden", "hidden()", "", "0", "__proto__", "mro", "__call__", "HIDDEN", "\ud800"])
  try { return "ESCAPE " + n + await probe[n]() } catch {}
return "ok"
