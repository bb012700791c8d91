// expect: denied | group: policy | holds: users, fragments and backslashes do not hide where a request goes
const granted = `127.0.0.1:${params.granted_port}`, other = `127.0.0.1:${params.port}`;
for (const url of [`http://${granted}@${other}/`, `http://${other}\\@${granted}/`, `http://${other}#@${granted}`, `http://${granted}:80@${other}`, `http:/${other}`, `http:///${other}/`, `//${other}`, `http://${other}/\r\nHost: ${granted}`, `http://${granted}\t@${other}`])
  try { await http.get(url, { timeout: 1 }); return "ESCAPE " + url } catch {}
return "ok"
