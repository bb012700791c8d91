local got = probe[params.method](1)
return got
