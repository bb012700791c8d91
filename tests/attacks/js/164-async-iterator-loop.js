// expect: limit | group: async | holds: an async iterator without end is stopped
for await (const x of { [Symbol.asyncIterator]: () => ({ next: async () => ({ value: 1, done: false }) }) });
