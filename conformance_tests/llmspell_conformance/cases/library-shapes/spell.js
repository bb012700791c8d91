const made = { function: () => 1, bridge: probe, promise: promise.resolve(1) }
const x = params.make ? made[params.make] : params.x
return [core.isArray(x), core.isObject(x), core.isCallable(x)]
