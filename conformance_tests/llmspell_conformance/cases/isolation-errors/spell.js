globalThis.counted = (globalThis.counted ?? 0) + 1
if (globalThis.counted === 1) throw new Error("first time")
return "seen before"
