-- expect: limit | group: swallow | holds: pcall around gsub callbacks that loop cannot outlive the limit
while true do pcall(string.gsub, "aaa", ".", function() while true do end end) end
