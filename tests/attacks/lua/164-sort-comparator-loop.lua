-- expect: limit | group: swallow | holds: pcall around sort comparators that loop cannot outlive the limit
while true do pcall(table.sort, { 3, 2, 1 }, function() while true do end end) end
