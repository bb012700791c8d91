print(params.text)
await probe.echo()
return params.text
