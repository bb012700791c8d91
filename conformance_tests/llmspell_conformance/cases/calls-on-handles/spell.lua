local counter = probe.counter()
counter:add_many(1, 2)
return probe.read(counter)
