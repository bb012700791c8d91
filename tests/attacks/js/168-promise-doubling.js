// expect: limit | group: async | holds: promises that double at each step end at a limit
const f = () => Promise.all([f2(), f2()]), f2 = async () => { await null; return f() };
await f()
