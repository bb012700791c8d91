probe.keep(function() end)
promise.new(function() end):await()
