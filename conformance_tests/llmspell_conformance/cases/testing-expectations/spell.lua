local function judge(e)
  local ok, problem = pcall(e[params.matcher], e, table.unpack(params.args))
  return ok and "holds" or problem.kind
end
local e = testing.expect(params.value)
return list {judge(e), judge(e:never())}
