return await Promise.race(params.turns.map((turn, i) => probe.later(i + 1, turn)))
