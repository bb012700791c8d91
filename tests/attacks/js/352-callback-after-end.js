// expect: harmless | group: callbacks | holds: a function that the host kept is not called after the run, nor in another
// next: return await probe.kept().then(() => false, () => true)
await probe.keep(() => 1);
return await probe.kept() === 1
