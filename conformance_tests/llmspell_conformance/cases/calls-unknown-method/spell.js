const got = await probe[params.method](1)
return got
