(unless params.catch (probe.crash))
(try (probe.crash) (catch e e.kind))
