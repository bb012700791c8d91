(try (put! probe params.name (lambda () "mine")) (catch e null))
(probe.echo [1])
