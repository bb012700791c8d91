(define a [1])
(define b {})
(cond
  ((= params.shape "list") (push! a a) a)
  ((= params.shape "map") (put! b "me" b))
  (else (push! a b) (put! b "other" a)))
