async function work(n) { console.log(n); await probe.echo(n); console.log(n + " done") }
const tasks = [work(1), work(2)]
await Promise.all(tasks)
