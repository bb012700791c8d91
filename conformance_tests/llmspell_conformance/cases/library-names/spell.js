const module = { channel, core, data, errors, promise, testing }[params.module]
const wrote = (() => { try { module[params.f] = 1; return "wrote" } catch { return "refused" } })()
return [require(params.module) === module, module[params.f] !== undefined, wrote]
