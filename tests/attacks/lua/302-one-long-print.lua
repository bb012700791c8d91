-- expect: limit | group: output | holds: one print beyond the limit ends the run
print(("x"):rep(1100000))
return "ESCAPE"
