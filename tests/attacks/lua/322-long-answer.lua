-- expect: limit | group: border | holds: an answer longer than a message ends the run
local ok = pcall(probe.big, 2000000)
return "ESCAPE"
