local answer = params.answer == "text" and "faked" or function(args) return args.x + 1 end
local faked = testing.fake_call("probe.echo", answer)
local first = probe.echo(1)
local calls = faked:calls()
faked:restore()
return list {first, probe.echo("made"), calls}
