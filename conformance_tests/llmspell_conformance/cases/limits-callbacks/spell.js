try { await probe.callAll(() => 1, params.count) } catch {}
return params.count
