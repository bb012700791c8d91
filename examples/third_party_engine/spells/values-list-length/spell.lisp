(length params.x)
