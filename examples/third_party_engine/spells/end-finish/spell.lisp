params.x
