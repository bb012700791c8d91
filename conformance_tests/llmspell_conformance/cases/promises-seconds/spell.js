try { promise.timeout(1, params.seconds) } catch { return "refused" }
return "taken"
