// expect: denied | group: border | holds: handles and functions cannot be kept for another run
// next: return (await state.get("h", {scope: "spell"})) == null
for (const v of [await probe.thing(), () => 1, { deep: [() => 1] }]) try { await state.set("h", v, { scope: "spell" }); return "ESCAPE" } catch {}
return "ok"
