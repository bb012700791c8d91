const { x } = params
return [x.length, x[0], x.at(-1)]
