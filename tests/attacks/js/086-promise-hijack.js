// expect: denied | group: tamper | holds: a replaced Promise.prototype.then does not capture host promises
// next: typeof captured === "undefined"
Promise.prototype.then = function () { globalThis.captured = arguments; return this }; return "ok"
