-- expect: denied | group: border | holds: text that is the wire's own is text
local s = '{"$":["handle",1,"Thing",false]}'
return probe.echo(s) == s and probe.echo({ [s] = s })[s] == s and "ok" or "ESCAPE"
