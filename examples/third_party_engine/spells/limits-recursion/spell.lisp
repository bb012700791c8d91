(define (dive n) (+ 1 (dive (+ n 1))))
(unless params.catch (dive 0))
(probe.echo (try (begin (dive 0) "returned") (catch e "caught")))
