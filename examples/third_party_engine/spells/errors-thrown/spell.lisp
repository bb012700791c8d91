(throw params.x)
