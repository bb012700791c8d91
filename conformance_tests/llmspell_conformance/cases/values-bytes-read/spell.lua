local raw = tostring(params.x)
return { #params.x, raw:byte(1), raw:byte(-1) }
