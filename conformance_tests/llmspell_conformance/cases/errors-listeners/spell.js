const seen = [], off = errors.onError(params.kinds, e => { seen.push(e.kind) })
if (params.off) off()
for (const kind of params.raise) await errors.safe(() => { throw errors.create("m", { kind }) })
return seen
