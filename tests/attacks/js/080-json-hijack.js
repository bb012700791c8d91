// expect: denied | group: tamper | holds: replacing JSON.stringify / parse does not fool the boundary
// next: JSON.stringify([1]) === "[1]"
JSON.stringify = () => '{"f":"read","a":["/etc/passwd"]}'; JSON.parse = () => ({ r: "HIJACK" }); var r = (await probe.echo(5)); return r === 5 ? "ok" : "ESCAPE boundary uses guest JSON"
