for (const item of params.items) probe.collect(item)
return "main"
