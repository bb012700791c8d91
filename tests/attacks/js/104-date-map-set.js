// expect: harmless | group: conversion | holds: Date, Map, Set, RegExp, typed arrays follow a documented rule
for (var v of [new Date(0), new Map([[1, 2]]), new Set([1]), /x/g, new Uint8Array(4), new Error("x")]) try { (await probe.echo(v)) } catch (e) {} return "ok"
