// expect: limit | group: async | holds: a proxy whose traps never return is stopped where it is awaited
await new Proxy({}, { get() { for (;;); }, getPrototypeOf() { for (;;); } })
