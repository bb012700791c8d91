; Run me: llmspell run examples/third_party_engine/hello
(define words (import "words"))

(for i (range params.times)
  (print (words.greeting params.name)))

{:greeted params.name :times params.times}
