(call probe params.what params.x)
