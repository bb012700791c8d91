(try counted (catch e (throw "first time")))
(define counted 1)
"seen before"
