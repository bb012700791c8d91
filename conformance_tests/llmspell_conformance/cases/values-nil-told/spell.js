return params.x[0] === null
