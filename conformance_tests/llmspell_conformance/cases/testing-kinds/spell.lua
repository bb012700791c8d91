local function fails() error("no luck today") end
local ways = {
  raises = function() testing.expect(fails):raises("luck"):raises{kind = "runtime"} end,
  others = function() testing.expect(fails):raises("else") end,
  nothing = function() testing.expect(print):raises() end,
  snapshot = function() testing.expect(1):matches_snapshot() end,
}
local ok, problem = pcall(ways[params.how])
return ok and "holds" or problem.kind
