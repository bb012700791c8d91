// expect: denied | group: cpu | holds: reading huge BigInts again and again is stopped
const s = "9".repeat(200000);
for (;;) BigInt(s) * BigInt(s)
