-- expect: limit | group: wall | holds: a call that never comes back does not keep the run beyond its time
pcall(probe.hang)
return "ESCAPE"
