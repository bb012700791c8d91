probe.collect("ran")
return params
