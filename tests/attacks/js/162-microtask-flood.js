// expect: limit | group: async | holds: microtasks that beget microtasks are stopped
const again = () => queueMicrotask(again);
again(); again();
await new Promise(() => {})
