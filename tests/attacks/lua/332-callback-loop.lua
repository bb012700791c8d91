-- expect: limit | group: callbacks | holds: a callback that never returns is stopped
pcall(probe.call, function() while true do end end)
return "ESCAPE"
