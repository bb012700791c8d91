-- expect: denied | group: policy | holds: files of the system are not to be had
for _, p in ipairs({ "/etc/passwd", "/proc/self/environ", "/proc/self/root" .. params.secret, "/dev/fd/0", "/proc/self/cwd", "/proc/self/mem", "~/.ssh/id_rsa", "~root/.profile",
  "$HOME/.ssh", "file:///etc/passwd", "/dev/stdin", "/proc/1/environ", ".", "", "/" }) do
  if pcall(fs.read, p) then return "ESCAPE " .. p end
end
return "ok"
