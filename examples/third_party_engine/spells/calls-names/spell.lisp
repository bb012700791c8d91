(define first (get (probe.echo-all params.x) 0))
[first (probe.base64-name) (probe.get-http-name) (probe.name-v2)]
