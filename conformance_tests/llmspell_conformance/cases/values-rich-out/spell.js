return await probe.rich(params.what)
