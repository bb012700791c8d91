local message = params.x
error(message)
