(probe.rich params.what)
