// expect: harmless | group: conversion | holds: an object changed by a proxy while it is read gives an error or snapshot
var t = [1, 2, 3]; try { (await probe.echo([t, new Proxy({}, { ownKeys() { t.length = 0; return [] } }), t])) } catch (e) {} return "ok"
