-- expect: limit | group: wall | holds: sleeping counts as time
sleep(100000000)
return "ESCAPE"
