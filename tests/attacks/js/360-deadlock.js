// expect: denied | group: tasks | holds: waiting for what nobody can bring about is an error
await new Promise(() => {});
return "ESCAPE"
