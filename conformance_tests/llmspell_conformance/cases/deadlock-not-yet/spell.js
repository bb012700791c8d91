let open
const opened = new Promise((resolve) => { open = resolve })
probe.echo(params.x).then(open)
return await opened
