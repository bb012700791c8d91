(define words (import "words"))
(words.shout params.x)
