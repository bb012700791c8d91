// expect: limit | group: conversion | holds: an array-like with length 2^32-1 is not expanded
var t = []; t.length = 2 ** 32 - 1; var ok = false; try { (await probe.echo(t)); ok = true } catch (e) {} return ok ? "ESCAPE" : "ok"
