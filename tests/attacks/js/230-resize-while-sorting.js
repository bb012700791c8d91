// expect: harmless | group: memory | holds: a buffer that shrinks under sort, map and set does no harm
const b = new ArrayBuffer(4096, { maxByteLength: 8192 }), v = new Uint8Array(b);
try { v.sort((x, y) => { b.resize(1); return x - y }) } catch {}
b.resize(4096);
try { v.map(x => { b.resize(0); return x }) } catch {}
try { v.set({ length: 9, get 0() { b.resize(0); return 1 } }) } catch {}
return "ok"
