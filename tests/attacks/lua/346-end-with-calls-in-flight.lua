-- expect: limit | group: tasks | holds: calls in flight keep the run no longer than its time
promise.spawn(probe.hang)
return "ok"
