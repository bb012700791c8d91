((import "outer") params.x)
