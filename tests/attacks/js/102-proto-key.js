// expect: denied | group: conversion | holds: a __proto__ key in data does not change prototypes on either side
var r = (await probe.echo(JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"p2": 1}}}'))); return ({}).polluted === undefined && ({}).p2 === undefined ? "ok" : "ESCAPE pollution"
