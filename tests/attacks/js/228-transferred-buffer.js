// expect: harmless | group: border | holds: a buffer that was taken away crosses as nothing or raises
const b = new ArrayBuffer(8), v = new Uint8Array(b);
b.transfer();
try { await probe.echo(v) } catch {}
try { await probe.echo(b) } catch {}
return "ok"
