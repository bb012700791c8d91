// expect: limit | group: border | holds: an argument longer than a message ends the run, and catch does not help
for (;;) try { await probe.echo("x".repeat(2000000)) } catch {}
