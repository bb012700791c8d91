for _ = 1, params.tasks do promise.spawn(probe.never) end
probe.echo()
error({ kind = "odd", message = "m", data = params.tasks })
