(define bad (promise))
(cond
  ((= params.shape "list") [1 bad])
  ((= params.shape "map") {:a {:b [0 1 2 bad]}})
  ((= params.shape "accent") {:größe bad})
  (else {"a key" bad}))
