throw new Error(params.text.repeat(params.size))
