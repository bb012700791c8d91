-- expect: harmless | group: conversion | holds: odd formats and times of os.date raise or answer
for _, f in ipairs({ "%", "%Ez", ("%c"):rep(1000), "%5", "*t", "!*t", "%\0", "" }) do pcall(os.date, f, 2 ^ 60) pcall(os.date, f, -1) pcall(os.date, f, 0) pcall(os.time, { year = 1e9, month = 1, day = 1 }) end
return "ok"
