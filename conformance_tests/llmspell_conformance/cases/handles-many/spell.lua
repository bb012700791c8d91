local sum = 0
for _, counter in ipairs(probe.counters(params.count)) do sum = sum + counter:get() end
return sum
