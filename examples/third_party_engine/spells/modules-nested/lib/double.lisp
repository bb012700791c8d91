(lambda (n) (* 2 n))
