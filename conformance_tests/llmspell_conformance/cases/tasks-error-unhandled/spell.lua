promise.spawn(probe.fail, params.kind, params.message, 1)
return "main"
