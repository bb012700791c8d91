(spawn
  (probe.echo params.x)
  (throw "boom"))
"main"
