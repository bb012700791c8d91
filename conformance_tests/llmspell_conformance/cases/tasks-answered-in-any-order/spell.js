const seen = []
await Promise.all(params.turns.map(async (turn, i) => {
  seen.push(await probe.later(i + 1, turn))
}))
return seen
