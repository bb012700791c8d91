// expect: denied | group: conversion | holds: deep nesting is refused without native overflow
var o = {}; for (var i = 0; i < 100000; i++) o = { o }; try { (await probe.echo(o)) } catch (e) {} return o
