for (const item of params.items) await probe.collect(item)
return "done"
