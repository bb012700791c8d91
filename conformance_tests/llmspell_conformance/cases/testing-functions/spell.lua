local function fails() if params.value ~= null then error(params.value) end end
local function is_even(n) return n % 2 == 0 end
local e = testing.expect(params.takes and fails or params.value)
local function told(e)
  local ok, problem = pcall(e[params.matcher], e, params.takes or is_even)
  return ok and "holds" or problem.kind
end
return list {told(e), told(e:never())}
