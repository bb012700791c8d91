// expect: denied | group: policy | holds: a server that was not granted is not connected to
try { return "ESCAPE " + (await http.get(`http://127.0.0.1:${params.port}/`)).text } catch { return "ok" }
