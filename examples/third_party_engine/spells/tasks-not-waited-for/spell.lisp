(for item params.items
  (spawn (probe.collect item)))
"main"
