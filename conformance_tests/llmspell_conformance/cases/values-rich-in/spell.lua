return probe[params.what](params.x)
