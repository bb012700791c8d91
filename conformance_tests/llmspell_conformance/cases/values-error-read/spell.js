const e = params.x
return [e.kind, e.message, e.data, e.cause.kind, e.cause.message]
