(probe.options 1 :long-name params.x)
