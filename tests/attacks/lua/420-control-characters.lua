-- expect: harmless | group: output | holds: what is printed with control characters is output like any other
print("\27]0;owned\7\27[2J\27[H\r\8\0\x9b31m")
io.write("\27]52;c;b3duZWQ=\7", "\u{202e}", "\xff\n")
return "ok"
