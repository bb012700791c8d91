const e = errors.wrap(errors.create("m", { kind: "k", data: 1 }), params.context)
if (e.cause.message !== "m" || e.cause.data !== 1) throw "lost the cause"
return [e.message, e.kind, e.data ?? null]
