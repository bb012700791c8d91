(define got (try (probe.echo params.x) (catch e e)))
[got (probe.echo "after")]
