(= (get params.x 0) null)
