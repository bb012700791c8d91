[(length params.x) (get params.x 0) (get params.x -1)]
