-- expect: denied | group: escape | holds: require finds nothing outside the spell's folder, however it is written
for _, n in ipairs({ "../secret", "../../etc/passwd", "/etc/passwd", params.secret, params.folder .. "/secret", "util\0", "./../util",
  "util/../../secret", "..", ".", "", "~/.ssh/id_rsa", "file:///etc/passwd", "..\\secret", "/proc/self/environ", "open/link", "%2e%2e/secret",
  ("../"):rep(50) .. "etc/passwd", "a/" .. ("../"):rep(9) .. "etc/hosts", "util.lua/../../secret", "//etc/passwd" }) do
  if pcall(require, n) then return "ESCAPE " .. n end
end
return "ok"
