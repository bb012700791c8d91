return await probe[params.what](params.x)
