if params.call then probe.echo() end
promise.new(function() end):await()
