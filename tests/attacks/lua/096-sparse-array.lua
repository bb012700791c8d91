-- expect: denied | group: conversion | holds: a sparse array does not allocate up to the largest index
local r = probe.echo({ [1] = 1, [1000000000] = 2 }) return r and "ok" or "ok"
