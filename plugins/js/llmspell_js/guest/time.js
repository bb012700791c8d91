// The part of `time` that needs no host.

({ time: { now: () => now } })
