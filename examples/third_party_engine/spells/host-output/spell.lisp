(for line params.lines
  (print line))
