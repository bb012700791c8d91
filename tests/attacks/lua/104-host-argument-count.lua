-- expect: denied | group: reentry | holds: absurd argument counts are refused
local ok = pcall(function() return probe.echo(table.unpack({}, 1, 200000)) end) return "ok"
