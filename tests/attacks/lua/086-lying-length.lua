-- expect: denied | group: conversion | holds: a __len of 2^53 does not make the converter loop
local t = setmetatable({ 1 }, { __len = function() return 2^53 end }) probe.echo(t) return "ok"
