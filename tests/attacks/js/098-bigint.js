// expect: denied | group: conversion | holds: BigInt is refused or arrives exactly; a huge one does not hang the host
var r = "ok"; try { var x = (await probe.echo(2n ** 64n)); if (x !== 2n ** 64n) r = "ESCAPE bigint changed" } catch (e) {} try { (await probe.echo(2n ** 3000000n)) } catch (e) {} return r
