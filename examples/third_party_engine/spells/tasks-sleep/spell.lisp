(define woken [])
(define (work nap)
  (spawn (sleep nap) (push! woken nap)))
(all (map work params.naps))
woken
