(define (shout word) (text word "!"))
{:shout shout}
