-- expect: denied | group: conversion | holds: a small DAG that expands to 2^40 nodes is refused by the node budget
local t = { 1 } for i = 1, 40 do t = { t, t } end local ok = pcall(probe.echo, t) if ok then return "ESCAPE dag accepted" end return t
