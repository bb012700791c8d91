return await Promise.all(params.turns.map((turn) => probe.later(turn, turn)))
