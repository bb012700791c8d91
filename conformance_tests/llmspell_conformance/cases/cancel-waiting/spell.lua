pcall(probe.never)
print("cleaning up")
probe.collect("cleaning up")
