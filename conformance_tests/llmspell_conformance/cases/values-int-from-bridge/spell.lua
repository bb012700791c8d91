local ok, result = pcall(probe.power_of_two, params.bits)
return ok and result or result.kind
