// expect: denied | group: tasks | holds: an error ends the run at once, calls in flight and all
for (let i = 0; i < 50; i++) probe.hang();
throw new Error("now")
