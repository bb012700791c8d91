(probe.read (probe.range params.count))
