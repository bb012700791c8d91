console.log(params.text)
await probe.echo()
console.log("after")
