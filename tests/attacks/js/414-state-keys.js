// expect: denied | group: policy | holds: keys of the state are names and no paths, and the run's own are gone with it
// next: return (await state.get("k")) == null && (await state.get("__proto__")) == null
for (const k of ["k", "../k", "/etc/passwd", "$", "a\0b", "__proto__", "constructor", "k".repeat(10000)]) {
  await state.set(k, k);
  if (await state.get(k) !== k) return "ESCAPE " + k;
}
return "ok"
