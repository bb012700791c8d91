// expect: limit | group: cpu | holds: labelled loops that continue each other are stopped
a: for (;;) { b: for (;;) { for (;;) { try { continue a } finally { continue b } } } }
