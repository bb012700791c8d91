for (let i = 0; i < params.tasks; i++) probe.never()
await probe.echo()
throw { kind: "odd", message: "m", data: params.tasks }
