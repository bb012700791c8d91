// expect: denied | group: border | holds: options with reserved names are refused
for (const o of [{ __class__: 1 }, { self: 1 }, { __init__: 1 }, { cls: 1 }, { args: [] }, { kwargs: {} }, { "bytes ": true }, { "": 1 }, JSON.parse('{"__proto__": 1}')])
  try { await fs.read(params.open + "/note", o); return "ESCAPE" } catch {}
return await fs.read(params.open + "/note") === "granted" ? "ok" : "ESCAPE refused"
