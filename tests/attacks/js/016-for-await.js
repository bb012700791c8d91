// expect: limit | group: cpu | holds: async loop is stopped
(async function () { for (;;) await null })(); return 0
