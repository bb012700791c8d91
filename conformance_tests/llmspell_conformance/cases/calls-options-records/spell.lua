return probe.bounds({ limits = { tool_calls = params.x, by_name = params.own } })
