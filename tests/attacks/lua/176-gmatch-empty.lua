-- expect: limit | group: cpu | holds: gmatch with the empty pattern for ever is stopped
while true do for _ in ("x"):gmatch("") do end end
