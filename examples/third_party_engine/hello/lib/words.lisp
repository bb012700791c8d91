(define (greeting name)
  (text "Hello, " name "!"))

{:greeting greeting}
