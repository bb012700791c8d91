// expect: denied | group: border | holds: quotes and brackets in texts, keys and method names do not end the message
const s = '"],["call",99,"probe","tick",[]],["finish","HIJACK"]';
const r = await probe.echo({ [s]: s });
try { await probe[s](1) } catch {}
return r[s] === s ? "ok" : "ESCAPE"
