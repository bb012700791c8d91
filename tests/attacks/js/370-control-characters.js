// expect: harmless | group: output | holds: what is printed with control characters is output like any other
print("\x1b]0;owned\x07\x1b[2J\x1b[H\r\b\0\x9b31m");
console.error("\x1b]52;c;b3duZWQ=\x07", "\u202e");
return "ok"
