-- expect: denied | group: border | holds: very many handles are dropped as they go out of use, or end at a limit
for _ = 1, 3000 do probe.thing() end
return probe.thing().number() == 7 and "ok"
