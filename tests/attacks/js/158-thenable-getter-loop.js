// expect: limit | group: async | holds: a getter of then that never returns is stopped
await { get then() { for (;;); } }
