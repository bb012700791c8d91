-- expect: limit | group: memory | holds: a format of string.pack that asks for more than there is ends the run, whoever catches it
for _, f in ipairs({ "i17", "!17i4", "s99", "c99999999999", ("s8"):rep(100000), "!3i3", "Xi", "z" }) do pcall(string.pack, f, "x\0y", 1) pcall(string.packsize, f) end
return not pcall(string.unpack, "s8", ("\255"):rep(8)) and not pcall(string.unpack, "i4", "abcd", math.maxinteger) and "ok"
