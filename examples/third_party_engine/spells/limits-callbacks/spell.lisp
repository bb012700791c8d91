(try (probe.call-all (lambda (i) 1) params.count) (catch e null))
params.count
