-- expect: denied | group: cpu | holds: table.unpack up to the last integer is refused
return select("#", table.unpack({}, 1, math.maxinteger))
