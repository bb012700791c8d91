try { return await promise.timeout(promise.spawn(probe.never), 3) } catch (error) { return error.kind }
