-- expect: denied | group: border | holds: NUL cuts no text, key or message
local s = "a\0b"
local r = probe.echo({ [s] = s })
local ok, e = pcall(error, { message = s })
return r[s] == s and #probe.echo(s) == 3 and e.message == s and "ok" or "ESCAPE"
