const say = probe.echo
return await say(params.x)
