const data = { limit: "cpu", allowed: 1 }
if (params.call) await probe.fail(params.kind, "posed", data)
throw new SpellError("posed", { kind: params.kind, data })
