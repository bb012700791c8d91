// expect: limit | group: async | holds: a thenable that answers with itself for ever is stopped
const t = { then(r) { r(t) } };
await t
