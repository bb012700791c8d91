-- expect: limit | group: callbacks | holds: a callback that fills the memory ends the run, whatever its caller catches
pcall(probe.call, function() local t = {} while true do t[#t + 1] = ("x"):rep(1000) .. #t end end)
return "ESCAPE"
