// expect: limit | group: async | holds: an endless job queue is stopped
(function f() { Promise.resolve().then(f) })(); return 0
