(define tasks [(spawn (probe.echo params.x)) (spawn (probe.fail "odd" "m"))])
(define outcomes (settled tasks))
(define bad (get outcomes 1))
[(get outcomes 0) {:status bad.status :kind bad.reason.kind}]
