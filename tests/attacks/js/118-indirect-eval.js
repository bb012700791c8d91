// expect: denied | group: escape | holds: indirect eval sees the globals and nothing of the guest
for (const name of ["enter", "outbox", "pending", "send", "program", "functions", "sources", "lazy", "captured", "NativePromise", "messageLimit"]) {
  if ((0, eval)("typeof " + name) !== "undefined") return "ESCAPE " + name;
  if (eval("typeof " + name) !== "undefined") return "ESCAPE direct " + name;
}
return "ok"
