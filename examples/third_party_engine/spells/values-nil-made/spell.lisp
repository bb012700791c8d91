(define made [])
(for _ (range params.count)
  (push! made null))
{:list made :map {:a null}}
