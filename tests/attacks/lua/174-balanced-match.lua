-- expect: limit | group: cpu | holds: %b over a text that never balances is stopped | inline: a pattern match is one C function, which runs no hook
return string.find(string.rep("(", 1000000), "%b()")
