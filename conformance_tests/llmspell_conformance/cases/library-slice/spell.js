return core.slice([1, 2, 3, 4], params.from, params.nothing ? null : params.to)
