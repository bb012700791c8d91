// expect: denied | group: policy | holds: no spelling of an address reaches it
for (const host of ["localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0", "0.0.0.0", "127.0.0.1.", "LOCALHOST", "127.0.0.1%00", "\u{ff11}27.0.0.1"])
  try { await http.get(`http://${host}:${params.port}/`, { timeout: 1 }); return "ESCAPE " + host } catch {}
return "ok"
