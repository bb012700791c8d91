// expect: denied | group: policy | holds: files of the system are not to be had
for (const p of ["/etc/passwd", "/proc/self/environ", "/proc/self/root" + params.secret, "/dev/fd/0", "/proc/self/cwd", "/proc/self/mem", "~/.ssh/id_rsa", "$HOME/.ssh", "file:///etc/passwd", "/dev/stdin", "/proc/1/environ", ".", "", "/"])
  try { return "ESCAPE " + p + await fs.read(p) } catch {}
return "ok"
