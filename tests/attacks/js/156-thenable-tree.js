// expect: limit | group: async | holds: thenables that multiply are stopped
const grow = () => ({ then(r) { for (let i = 0; i < 10; i++) Promise.resolve(grow()); r(grow()) } });
await grow()
