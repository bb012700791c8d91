-- expect: limit | group: memory | holds: gsub with a long replacement ends at the memory limit
return #string.gsub(string.rep("a", 100000), "(a)", string.rep("%1", 10000))
