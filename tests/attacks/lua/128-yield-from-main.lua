-- expect: denied | group: coroutine | holds: a yield of the main code ends the run with an error
coroutine.yield("x")
return "ESCAPE"
