local say = probe.echo
return say(params.x)
