(define bad (promise))
(unless params.catch
  (probe.echo [bad]))
(try (probe.echo [bad]) (catch e e.kind))
