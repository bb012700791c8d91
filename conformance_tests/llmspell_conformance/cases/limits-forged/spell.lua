local data = {limit = "cpu", allowed = 1}
if params.call then probe.fail(params.kind, "posed", data) end
error({kind = params.kind, message = "posed", data = data})
