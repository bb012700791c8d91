let count = 0
testing.beforeEach(() => testing.fakeClock(0))
const { at_once: atOnce, max_errors: maxErrors, per_second: perSecond, ...options } = params.options
if (params.how === "load_test") Object.assign(options, { atOnce, maxErrors, perSecond })
testing[params.how.replace("_t", "T")]("f", async () => {
  const mine = ++count
  await sleep(mine)
  if (mine >= params.fails) throw Object.assign(new Error("no"), { kind: "unlucky" })
}, options)
return testing.run().then(([{ status, kind, measured }]) => ({ status, kind, measured }))
