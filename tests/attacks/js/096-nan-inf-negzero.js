// expect: denied | group: conversion | holds: NaN and infinities come back as they are
var bad = 0; for (var v of [NaN, Infinity, -Infinity]) try { if (!Object.is(await probe.echo(v), v)) bad++ } catch (e) {} return bad ? "ESCAPE non-finite changed" : "ok"
