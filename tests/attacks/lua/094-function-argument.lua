-- expect: denied | group: conversion | holds: coroutines and userdata do not cross
for _, v in ipairs({ coroutine.create(print), io and io.stdout }) do local ok = pcall(probe.echo, v) if ok then return "ESCAPE " .. type(v) .. " crossed" end end return "ok"
