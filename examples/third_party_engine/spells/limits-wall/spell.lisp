(try (probe.never) (catch e null))
(while params.again
  (try (probe.never) (catch e null)))
"went on"
