const all = params.reasons.map(reason => Promise.reject(reason))
try { await promise.any(all) } catch (error) { return [error.kind, error.data] }
