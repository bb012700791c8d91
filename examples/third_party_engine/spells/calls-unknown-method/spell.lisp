(call probe params.method 1)
