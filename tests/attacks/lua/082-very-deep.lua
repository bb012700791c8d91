-- expect: denied | group: conversion | holds: a table nested 100000 deep gives an error, not a native stack overflow
local t = {} for i = 1, 100000 do t = { t } end pcall(probe.echo, t) return t
