const slept = [], options = { attempts: 3, delay: 0.05, jitter: 1, maxDelay: 0.01 }
try { await errors.retry(() => { slept.push(Math.random()); throw "m" }, options) } catch { }
return slept
