local function fail()
  error(params.x)
end
return probe.call(fail)
