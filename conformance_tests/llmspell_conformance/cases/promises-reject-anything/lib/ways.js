const caught = async (p) => {
  try { await p } catch (problem) { return ["caught", problem] }
}
const ways = {
  reject: () => caught(promise.reject(null)),
  settled: async () => {
    const [first] = await promise.allSettled([promise.reject(null)])
    return [first.status, first.reason]
  },
  new: () => caught(promise.new((_, reject) => reject(null))),
  lost: async () => { promise.reject(null); await sleep(0) },
  dropped: async () => { promise.new((_, reject) => reject("lost")); await sleep(0) },
  token: async () => {
    const token = promise.token()
    token.cancel(false)
    const [, problem] = await caught(token.run(() => {}))
    return [problem.kind, problem.data]
  },
}
module.exports = ways
