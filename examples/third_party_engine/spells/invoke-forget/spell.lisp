(define (run) "ran")
(probe.keep run)
(probe.echo)
(probe.keep run)
"main"
