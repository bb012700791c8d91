-- expect: limit | group: cpu | holds: a pattern with back references that tries every cut is stopped | inline: a pattern match is one C function, which runs no hook
return string.find(string.rep("a", 30000), "(.-)(.-)%1%2b")
