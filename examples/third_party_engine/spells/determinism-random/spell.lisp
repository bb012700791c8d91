(map (lambda (_) (random)) (range params.count))
