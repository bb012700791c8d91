(define found (model-info.largest-context {:size 1}))
(other.base64-url-encode found)
