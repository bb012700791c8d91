local log, found = list(), list()
local function note(text) return function() log[#log + 1] = text end end
testing.before_all(note "all") testing.before_each(note "each")
testing.after_each(note "after") testing.after_all(note "end")
testing.describe("g", function() testing.it("a", note "a") testing.skip("s", note "s") testing.todo("t") end)
testing.it("fails", function() testing.fail("no luck") end)
local tell = params.only and testing.only or testing.skip
tell("b", note "b")
for i, each in ipairs(testing.run()) do found[i] = each.name .. " " .. each.status end
return {log = log, found = found}
