const log = []
const note = text => () => { log.push(text) }
testing.beforeAll(note("all")); testing.beforeEach(note("each"))
testing.afterEach(note("after")); testing.afterAll(note("end"))
testing.describe("g", () => { testing.it("a", note("a")); testing.skip("s", note("s")); testing.todo("t") })
testing.it("fails", () => testing.fail("no luck"))
const tell = params.only ? testing.only : testing.skip
tell("b", note("b"))
const found = (await testing.run()).map(each => `${each.name} ${each.status}`)
return { log, found }
