// expect: denied | group: cpu | holds: huge BigInt powers, products and radix conversion are stopped or refused
var x = 3n; for (;;) { x = x * x; if (x > 2n ** 2000000n) { x.toString(); x = 3n } }
