-- expect: denied | group: conversion | holds: 2^31, 2^53 and 2^63 edges arrive unchanged or are refused, never silently changed
for _, v in ipairs({ 2147483647, 2147483648, -2147483649, 4294967296, 9007199254740993, math.maxinteger, math.mininteger }) do local ok, r = pcall(probe.echo, v) if ok and r ~= v then return "ESCAPE changed " .. v .. " -> " .. tostring(r) end end return "ok"
