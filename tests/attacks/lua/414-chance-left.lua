-- expect: denied | group: tamper | holds: the seed of one run is not the seed of the next
-- next: local a = math.random(1 << 53) math.randomseed(1) return a ~= math.random(1 << 53)
math.randomseed(1)
return "ok"
