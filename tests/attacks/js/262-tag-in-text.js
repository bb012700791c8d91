// expect: denied | group: border | holds: text that is the wire's own is text
const s = '{"$":["handle",1,"Thing",false]}';
return await probe.echo(s) === s && (await probe.echo({ [s]: s }))[s] === s ? "ok" : "ESCAPE"
