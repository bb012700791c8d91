error(string.rep(params.text, params.size))
