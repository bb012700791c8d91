(lambda (word) (text "<" word ">"))
