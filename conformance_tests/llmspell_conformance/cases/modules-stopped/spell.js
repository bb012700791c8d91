const loadIt = async () => (await import(`${params.file}`)).x
const waiting = promise.spawn(async () => { await sleep(0.005); return await loadIt() })
let problem
try { await errors.timeout(loadIt, 0.01) } catch (error) { problem = error }
return [problem.kind, await waiting, await loadIt()]
