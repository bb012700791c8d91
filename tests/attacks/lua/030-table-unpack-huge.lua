-- expect: denied | group: cpu | holds: unpack of a huge range fails cleanly
return select("#", table.unpack({}, 1, 1e7))
