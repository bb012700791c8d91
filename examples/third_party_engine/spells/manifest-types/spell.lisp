(probe.collect "ran")
params
