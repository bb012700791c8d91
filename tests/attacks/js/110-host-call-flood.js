// expect: limit | group: reentry | holds: host calls are counted and end at a call limit
while (true) (await probe.tick())
