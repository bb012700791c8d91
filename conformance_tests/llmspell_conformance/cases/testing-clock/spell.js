const clock = await testing.fakeClock(1000.5), woken = []
async function sleeper(...all) {
  for (const seconds of all) { await sleep(seconds); woken.push(await clock.now()) }
}
sleeper(5); sleeper(2, 5)
const before = await clock.now(), after = await clock.advance(10)
return [before, after, woken]
