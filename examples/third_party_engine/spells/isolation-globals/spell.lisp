(define seen (try left-behind (catch e false)))
(define left-behind params.x)
[seen left-behind]
