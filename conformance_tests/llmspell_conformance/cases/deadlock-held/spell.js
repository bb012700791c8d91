await probe.keep(() => {})
await new Promise(() => {})
