// expect: harmless | group: memory | holds: views beyond their buffers are refused, and buffers that shrink do no harm
const b = new ArrayBuffer(16, { maxByteLength: 64 }), v = new Uint8Array(b), d = new DataView(b);
for (const f of [() => new Uint8Array(b, 99), () => d.getFloat64(2 ** 53), () => v.set([1, 2], 2 ** 31), () => v.subarray(-1e9, 1e9).fill(1), () => { b.resize(1); return v[15] }, () => d.setInt32(8, 1), () => v.copyWithin(0, 5, 1e9)]) try { f() } catch {}
return "ok"
