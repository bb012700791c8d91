errors.registerCategory("mine", "own1", { retryable: true })
errors.registerCategory("dire", ["own2", "own3"], { fatal: true })
errors.registerCategory("found", e => e.kind === "odd")
errors.registerCategory("disk", "disk")
errors.registerCategory("storage", ["disk"])
const e = errors.create("m", { kind: params.kind })
return [errors.categorize(e), errors.isRetryable(e), errors.isFatal(e)]
