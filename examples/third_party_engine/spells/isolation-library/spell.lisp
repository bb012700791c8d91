(try (set! upper (lambda (_) "mine")) (catch e null))
(upper params.x)
