const all = params.reasons.map(reason => Promise.reject(reason))
if (params.uncaught) await promise.any(all)
try { await promise.any(all) } catch (error) { return [error.kind, error.message, error.data] }
