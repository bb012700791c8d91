-- expect: harmless | group: conversion | holds: the utf8 library takes lies about length and code points without harm
for _, n in ipairs({ -1, 0x7FFFFFFF, 0x80000000, math.maxinteger }) do pcall(utf8.char, n) end
pcall(utf8.codepoint, ("\240\159"):rep(1000), 1, -1)
pcall(utf8.offset, "x", math.mininteger, math.maxinteger)
return not pcall(utf8.codepoint, "\255") and utf8.len("\255") == nil
