const fails = () => { throw new Error("no luck today") }
const ways = {
  raises: async () => (await testing.expect(fails).raises("luck")).raises({ kind: "runtime" }),
  others: () => testing.expect(fails).raises("else"),
  nothing: () => testing.expect(print).raises(),
  snapshot: () => testing.expect(1).matchesSnapshot(),
}
try { await ways[params.how](); return "holds" } catch (error) { return error.kind }
