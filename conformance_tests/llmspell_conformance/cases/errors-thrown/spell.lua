error(params.x)
