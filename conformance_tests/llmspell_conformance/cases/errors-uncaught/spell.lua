local kind = params.kind
probe.fail(kind, "went wrong", params.data)
probe.collect("never")
