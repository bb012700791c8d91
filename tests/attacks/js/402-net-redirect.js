// expect: denied | group: policy | holds: a redirect to what was not granted is not followed
try { return "ESCAPE " + (await http.get(`http://127.0.0.1:${params.granted_port}/`)).text } catch { return "ok" }
