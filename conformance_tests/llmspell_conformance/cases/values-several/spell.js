if (params.x.length < 2) return params.x[0]
return params.x
