return params.x
