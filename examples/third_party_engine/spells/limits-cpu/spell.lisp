(define (forever) (while true))
(unless params.catch (forever))
(while true
  (try (forever) (catch e null) (finally (forever))))
