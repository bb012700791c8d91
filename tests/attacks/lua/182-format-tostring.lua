-- expect: harmless | group: conversion | holds: __tostring that answers no text raises where it is asked
local odd = setmetatable({}, { __tostring = function() return {} end })
return not pcall(string.format, "%s", odd) and not pcall(tostring, odd) and "ok"
