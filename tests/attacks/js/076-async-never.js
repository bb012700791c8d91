// expect: harmless | group: async | holds: a promise that never settles ends the run by a documented rule
new Promise(() => {}); return "ok"
