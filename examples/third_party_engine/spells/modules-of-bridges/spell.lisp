(define p (import "probe"))
(define j (import "json"))
[(p.echo params.x) (j.decode (j.encode params.x))]
