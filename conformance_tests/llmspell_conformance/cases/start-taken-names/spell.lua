print(params.text)
probe.echo()
return params.text
