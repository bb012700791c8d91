(for item params.items
  (probe.collect item))
"done"
