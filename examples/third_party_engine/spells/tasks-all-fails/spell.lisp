(define tasks [(spawn (probe.echo 1)) (spawn (probe.fail params.kind "m"))])
(try (all tasks) (catch e e.kind))
