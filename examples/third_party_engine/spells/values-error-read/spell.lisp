(define e params.x)
[e.kind e.message e.data e.cause.kind e.cause.message]
