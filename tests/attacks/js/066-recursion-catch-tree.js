// expect: limit | group: swallow | holds: exponential catch recursion at the stack edge cannot outlive the limit
function f() { try { return f() } catch (e) { return f() } } return f()
