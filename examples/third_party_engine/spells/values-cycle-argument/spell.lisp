(define ring {})
(put! ring "next" [ring])
(if params.catch
  (try (probe.echo ring) (catch e e.kind))
  (probe.echo ring))
