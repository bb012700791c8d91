-- expect: denied | group: tasks | holds: waiting for what nobody can bring about is an error
promise.new(function() end):await()
return "ESCAPE"
