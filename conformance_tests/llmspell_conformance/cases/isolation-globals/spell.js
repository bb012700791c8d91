const seen = globalThis.leftBehind !== undefined
globalThis.leftBehind = params.x
return [seen, globalThis.leftBehind]
