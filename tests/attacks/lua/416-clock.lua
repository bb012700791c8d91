-- expect: denied | group: tamper | holds: the clock tells the host's time and stands still while the spell computes
local a, b = time.now(), os.time()
for _ = 1, 100000 do end
return time.now() == a and os.time() == b and "ok" or "ESCAPE"
