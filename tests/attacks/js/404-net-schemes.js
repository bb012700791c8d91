// expect: denied | group: policy | holds: other schemes than those of the web are refused
for (const url of ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "data:text/plain,x", "unix:///tmp/x", "javascript:1", "", "x", "://", "http://"]) try { await http.get(url); return "ESCAPE " + url } catch {}
return "ok"
