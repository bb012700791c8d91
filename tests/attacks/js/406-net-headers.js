// expect: denied | group: policy | holds: line ends in headers and methods are refused before anything is sent
const url = `http://127.0.0.1:${params.granted_port}/`;
for (const o of [{ headers: { x: "1\r\nHost: y" } }, { headers: { "x\r\ny": "1" } }, { method: "GET / HTTP/1.1\r\nx:" }, { headers: { x: "\0" } }]) try { await http.request({ url, ...o }); return "ESCAPE" } catch {}
return "ok"
