// expect: limit | group: cpu | holds: back references over a long text are stopped
/(.*)(.*)(.*)\1\2\3x/.test("a".repeat(5000))
for (;;);
