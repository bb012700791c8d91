// expect: harmless | group: conversion | holds: what the guest offers beside the language takes hostile input without harm
const cycle = {}; cycle.c = cycle;
for (const f of [() => structuredClone(cycle), () => structuredClone(() => {}), () => new URL("http://[::::]:99999/"), () => new URL("x".repeat(10000)), () => new TextDecoder("x"), () => new TextDecoder().decode(new Uint8Array(1000).fill(255)), () => new URLSearchParams("a=%ff&%"), () => new AbortController().abort(cycle)]) try { f() } catch {}
return "ok"
