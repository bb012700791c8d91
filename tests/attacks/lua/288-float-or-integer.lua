-- expect: denied | group: border | holds: floats stay floats, integers stay integers, and the sign of zero is kept
for _, v in ipairs({ 1.0, 2.0 ^ 53, 1e308, -0.0, 5e-324 }) do if math.type(probe.echo(v)) ~= "float" or probe.echo(v) ~= v then return "ESCAPE" end end
return 1 / probe.echo(-0.0) == -math.huge and math.type(probe.echo(1)) == "integer" and "ok" or "ESCAPE zero"
