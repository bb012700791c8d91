try { require(params.name) } catch { return "refused" }
return "found"
