// expect: limit | group: output | holds: console and print count alike, and catch does not help
for (;;) try { console.error("x".repeat(10000)); print("x".repeat(10000)); console.log("x".repeat(10000)) } catch {}
