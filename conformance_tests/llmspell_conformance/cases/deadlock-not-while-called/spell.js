let open
const opened = new Promise((resolve) => { open = resolve })
if (params.how === "hold") await probe.listen(open)
else await probe.callSoon((x) => open([x]), "soon")
if (params.how === "twice") await probe.echo()
return await opened
