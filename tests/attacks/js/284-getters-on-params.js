// expect: denied | group: border | holds: accessors and proxies as options are read once, before the call
let n = 0;
try { await fs.read(params.open + "/note", { get bytes() { n++; return false } }) } catch {}
try { await probe.read(new Proxy([], { get(t, k) { n++; return t[k] } })) } catch {}
return n < 40 ? "ok" : "ESCAPE"
