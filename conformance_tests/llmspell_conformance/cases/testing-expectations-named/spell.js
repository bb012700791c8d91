if (params.name === "to_be") testing.expect(1).toBe(1)
const name = params.name.replace(/_(.)/g, (_, letter) => letter.toUpperCase()), deep = name === "deepEquals"
const expectation = testing.expect(deep ? [1] : () => { throw new Error("no luck") })
await expectation[name](deep ? [1] : "no luck")
return "holds"
