console.log(params.text)
await probe.fail("odd", "m")
