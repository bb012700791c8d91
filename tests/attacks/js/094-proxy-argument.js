// expect: denied | group: conversion | holds: a proxy argument cannot hang, crash or confuse the converter
var r; try { r = (await probe.echo(new Proxy({}, { ownKeys() { return ["a"] }, getOwnPropertyDescriptor() { return { value: 1, enumerable: true, configurable: true } } }))) } catch (e) {} try { (await probe.echo(new Proxy([], {}))) } catch (e) {} return "ok"
