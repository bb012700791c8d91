-- expect: limit | group: cpu | holds: an iterator that is an endless coroutine is stopped
for _ in coroutine.wrap(function() while true do coroutine.yield(1) end end) do end
