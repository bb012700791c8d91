local function add(a, b) return a + b end
local function multiply(a, b) return a * b end
return probe.call_each({ first = add, rest = { multiply } }, params.a, params.b)
