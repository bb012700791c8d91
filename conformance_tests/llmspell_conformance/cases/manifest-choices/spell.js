await probe.collect("ran")
return params
