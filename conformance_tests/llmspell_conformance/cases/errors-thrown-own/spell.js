const message = params.x
throw new Error(message)
