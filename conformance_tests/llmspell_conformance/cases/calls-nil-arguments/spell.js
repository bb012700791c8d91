return await probe.echoAll(params.a, params.b, params.c)
