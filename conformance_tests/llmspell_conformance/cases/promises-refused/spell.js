const one = () => 1, token = promise.token()
const ways = {
  all: () => promise.all(), race: () => promise.race(5), map: () => promise.map(5, one),
  by: () => promise.map([], 5), width: () => promise.map([], one, { maxConcurrent: 0 }),
  spawn: () => promise.spawn(), async: () => promise.async(5), before: () => promise.timeout(1, -1),
  text: () => promise.timeout(1, "1"), listener: () => token.onCancel(5), run: () => token.run(5),
  new: () => promise.new(), await: () => promise.await(1, -1),
}
const snake = (text) => text.replace(/[A-Z]/g, (found) => "_" + found.toLowerCase())
try { ways[params.how]() } catch (e) { return [e.kind, snake(e.message)] }
