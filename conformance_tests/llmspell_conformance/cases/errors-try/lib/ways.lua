local way = {}
local function fail(kind, message) return function() error({kind = kind or "odd", message = message or "m"}, 0) end end
local function one() return 1 end
local function last(see) return function() see("last") end end
function way.well(see) return errors.try(one, nil, last(see)) end
function way.caught(see)
  return errors.try(fail(), function(e) see(e.kind .. " " .. e.message) return 2 end, last(see))
end
function way.text(see)
  return errors.try(function() error("plain", 0) end, function(e) see(e.kind .. " " .. e.message) return 2 end)
end
function way.uncaught(see) return errors.try(fail(), nil, last(see)) end
function way.twice(see) return errors.try(fail(), fail("odd2", "m2"), last(see)) end
function way.at_end() return errors.try(one, nil, fail("odd3", "m3")) end
function way.waits(see)
  local function failing() probe.fail("odd", "m") end
  local function catch() see(probe.echo("caught")) return probe.echo(3) end
  return errors.try(failing, catch, function() see(probe.echo("last")) end)
end
function way.only_last(see) return errors.try(one, nil, last(see)) end
function way.fallback_well() return errors.fallback(one, fail()) end
function way.fallback(see) return errors.fallback(fail(), function(e) see(e.kind) return 2 end) end
function way.fallback_fails() return errors.fallback(fail(), fail("odd2", "m2")) end
function way.fallback_waits() return errors.fallback(function() probe.fail("odd", "m") end, function() return probe.echo(5) end) end
function way.safe_well() return errors.safe(one, 7) end
function way.safe() return errors.safe(fail(), 7) end
function way.safe_nothing(see) see(errors.safe(fail())) end
function way.safe_call() return errors.safe(function() return probe.fail("odd", "m") end, 9) end
function way.no_function() return errors.try(5) end
function way.no_fallback() return errors.fallback(one) end
function way.no_catch() return errors.try(one, 5) end
function way.no_end() return errors.try(one, nil, "last") end
function way.null_catch() return errors.try(one, null, null) end
return way
