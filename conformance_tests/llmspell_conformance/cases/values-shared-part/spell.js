const part = params.x
return await probe.echo([part, part, { again: part }])
