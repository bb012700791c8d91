(probe.keep (lambda () null))
(await (promise))
