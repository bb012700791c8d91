local own = {
  twice = function(x) return x * 2 end, nothing = function() end, echo = function(x) return probe.echo(x) end,
  fail = function() error({kind = "odd", message = "no"}) end, even = function(x) return x % 2 == 0 end,
  same = function(x) return x end, add = function(a, b) return a + b end,
  add_later = function(a, b) return probe.echo(a + b) end,
  parity = function(x) return x % 2 == 0 and "even" or "odd" end,
}
local args = params.args
return data[params.f](args[1], own[args[2]] or args[2], table.unpack(args, 3))
