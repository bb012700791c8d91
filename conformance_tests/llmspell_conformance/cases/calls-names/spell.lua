local first = probe.echo_all(params.x)[1]
return { first, probe.base64_name(), probe.get_http_name(), probe.name_v2() }
