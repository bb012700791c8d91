// expect: harmless | group: conversion | holds: dates out of range raise or are refused
for (const t of [NaN, 8.64e15 + 1, -8.64e15 - 1, Infinity, "x", {}]) { try { await probe.echo(new Date(t)) } catch {} try { new Date(t).toISOString() } catch {} }
return "ok"
