// expect: denied | group: escape | holds: require finds nothing outside the spell's folder, however it is written
for (const name of ["../secret", "../../etc/passwd", "/etc/passwd", params.secret, params.folder + "/secret", "util\0", "util/../../secret", "..", ".", "", "~/.ssh/id_rsa", "file:///etc/passwd", "..\\secret",
  "/proc/self/environ", "%2e%2e/secret", "../".repeat(50) + "etc/passwd", "__proto__", "constructor", "toString", "hasOwnProperty", "fs/promises", "child_process"])
  try { require(name); return "ESCAPE " + name } catch {}
return "ok"
