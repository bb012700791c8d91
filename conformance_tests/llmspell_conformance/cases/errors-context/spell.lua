local e = errors.wrap(errors.create("m", {kind = "k", data = 1}), params.context)
assert(e.cause.message == "m" and e.cause.data == 1)
return {e.message, e.kind, e.data == nil and null or e.data}
