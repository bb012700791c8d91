(define limits {})
(put! limits "tool_calls" params.x)
(put! limits "by_name" params.own)
(probe.bounds :limits limits)
