(define task (spawn (probe.fail params.kind "m")))
(try (await task) (catch e [e.kind e.message]))
