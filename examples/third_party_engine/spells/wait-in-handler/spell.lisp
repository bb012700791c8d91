(try
  (probe.fail params.kind "m")
  (catch e (probe.echo e.kind)))
