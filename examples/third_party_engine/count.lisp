; Run me: llmspell run examples/third_party_engine/count.lisp
(define (work n)
  (spawn
    (sleep (/ n 100))
    (print n)
    n))

; The three tasks sleep at the same time.
(reduce + 0 (all (map work [3 1 2])))
