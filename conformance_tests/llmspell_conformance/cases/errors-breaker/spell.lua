local function act(how) if how == "no" then error(errors.create("m", {kind = "odd"})) end return how end
local guarded, seen = errors.circuit_breaker(act, {threshold = params.threshold or 2, reset = 0.01}), list {}
for _, how in ipairs(params.plan) do
  if how == "wait" then sleep(0.02) else
    local ok, x = pcall(guarded, how)
    seen[#seen + 1] = ok and x or x.kind
  end
end
return seen
