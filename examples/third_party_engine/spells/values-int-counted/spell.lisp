(let ((x params.x) (y params.y))
  [(+ x y) (- x y) (* x y)])
