throw params.x
