; A spell has one value here, so several are a list of its own making.
(cond ((= params.x []) null)
      ((= (length params.x) 1) (get params.x 0))
      (else params.x))
