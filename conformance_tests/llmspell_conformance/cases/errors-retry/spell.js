const { retry_on: retryOn, ...rest } = params.options ?? { delay: 0 }
let calls = 0
try {
  const x = await errors.retry(attempt => {
    calls++
    if (attempt <= params.fails) throw errors.create("m", { kind: params.kind ?? "odd" })
    return "done"
  }, { retryOn, ...rest })
  return [calls, x]
} catch (error) { return [calls, error.kind] }
