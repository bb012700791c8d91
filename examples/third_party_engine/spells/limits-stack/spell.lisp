(define (dive n) (if (= n 0) 1 (+ 1 (dive (- n 1)))))
(define (levels n) (try (+ 1 (levels (+ n 1))) (catch e (levels n))))
(define how params.how)
(define value
  (if (= how "few") (dive 50)
  (if (= how "caught") (try (dive -1) (catch e "caught"))
  (if (= how "levels") (levels 0)
  (if (= how "task") (try (await (spawn (dive -1))) (catch e "caught"))
  (if (= how "callback") (try (probe.call (lambda () (dive -1))) (catch e "caught")) (dive -1)))))))
(probe.echo)
value
