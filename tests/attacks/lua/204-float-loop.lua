-- expect: limit | group: cpu | holds: a for loop whose step is lost in rounding is stopped
for i = 1, 2, 1e-300 do end
