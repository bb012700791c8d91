(define data {:limit "cpu" :allowed 1})
(if params.call (probe.fail params.kind "posed" data) null)
(throw {:kind params.kind :message "posed" :data data})
