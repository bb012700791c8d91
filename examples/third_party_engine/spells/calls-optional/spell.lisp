(probe.typed params.n params.s params.flag)
