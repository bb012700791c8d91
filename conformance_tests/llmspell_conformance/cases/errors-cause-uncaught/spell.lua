probe.fail_because(params.depth)
