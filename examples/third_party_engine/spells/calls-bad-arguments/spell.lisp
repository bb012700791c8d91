(let ((n params.n) (s params.s) (flag params.flag))
  (probe.typed n s flag))
