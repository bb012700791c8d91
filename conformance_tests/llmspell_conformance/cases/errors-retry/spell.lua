local calls, options = 0, params.options or {delay = 0}
local ok, x = pcall(errors.retry, function(attempt)
  calls = calls + 1
  if attempt <= params.fails then error(errors.create("m", {kind = params.kind or "odd"})) end
  return "done"
end, options)
return list {calls, ok and x or x.kind}
