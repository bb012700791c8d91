return params.x[1] == null
