local seen = list {}
local off = errors.on_error(params.kinds, function(e) seen[#seen + 1] = e.kind end)
if params.off then off() end
for _, kind in ipairs(params.raise) do
  errors.safe(function() error(errors.create("m", {kind = kind})) end)
end
return seen
