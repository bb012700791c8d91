((import "ask") params.x)
