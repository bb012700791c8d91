if params.name == "to_be" then testing.expect(1):to_be(1) end
local expectation = testing.expect(params.name == "deep_equals" and {1} or function() error("no luck") end)
expectation[params.name](expectation, params.name == "deep_equals" and {1} or "no luck")
return "holds"
