const fails = () => { throw new Error("no luck today") }
const ways = {
  raises: async () => (await (await testing.expect(fails).raises("luck")).raises({ kind: "runtime" })).satisfies(f => f),
  others: () => testing.expect(fails).raises("else"),
  nothing: () => testing.expect(print).raises(),
  snapshot: () => testing.expect(1).matchesSnapshot(),
  model: async () => testing.expect(await (await testing.fakeModel("hi")).requests()).isEmpty(),
}
try { await ways[params.how](); return "holds" } catch (error) { return error.kind }
