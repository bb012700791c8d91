(spawn (probe.fail params.kind params.message 1))
"main"
