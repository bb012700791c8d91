-- expect: denied | group: conversion | holds: NaN and infinities come back as they are; -0 and integers survive
local bad = 0 for _, v in ipairs({ 0/0, 1/0, -1/0 }) do local ok, r = pcall(probe.echo, v) if not ok or (r ~= v and r == r) then bad = bad + 1 end end if bad > 0 then return "ESCAPE non-finite changed" end return probe.echo(-0.0) == 0 and "ok" or "bad"
