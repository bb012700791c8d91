local m = testing.mock():returns(2):returns_once(1)
local own = {double = function(n) return n + 1 end}
local first, second = m(), m(5)
testing.expect(m):was_called(2):was_called_with(5)
local stub, spy = testing.stub(probe, "echo", "stubbed"), testing.spy(own, "double")
local stubbed, spied = probe.echo(1), own.double(7)
stub:restore()
m:reset():does(function() return 9 end)
return list {first, second, #m:calls(), stubbed, probe.echo(7), spied, spy:calls(), m()}
