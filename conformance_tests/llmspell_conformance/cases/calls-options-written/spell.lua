return probe.options(1, { long_name = params.x })
