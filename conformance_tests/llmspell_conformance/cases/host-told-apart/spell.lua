print("before")
io.stderr:write(params.text, "\n")
io.stdout:write("after\n")
