probe.echo_all(nil, 1, nil, nil)
probe.echo_all(nil)
