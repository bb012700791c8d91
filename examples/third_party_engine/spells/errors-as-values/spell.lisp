(define caught (try (probe.fail params.kind "m" 1) (catch e e)))
(probe.echo {:caught caught})
