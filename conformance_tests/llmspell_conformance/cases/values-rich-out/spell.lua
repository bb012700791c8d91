return probe.rich(params.what)
