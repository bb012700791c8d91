const { max_delay: maxDelay, ...rest } = params.options
try { await errors.retry(() => { throw "m" }, { maxDelay, ...rest }) } catch { return "gone" }
return "well"
