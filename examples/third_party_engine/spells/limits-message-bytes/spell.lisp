(throw (repeat params.text params.size))
