return params.x.length
