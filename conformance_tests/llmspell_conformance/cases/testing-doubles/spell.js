const m = testing.mock().returns(2).returnsOnce(1)
const own = { double: n => n + 1 }
const [first, second] = [m(), m(5)]
testing.expect(m).wasCalled(2).wasCalledWith(5)
const stub = testing.stub(probe, "echo", "stubbed"), spy = testing.spy(own, "double")
const stubbed = await probe.echo(1), spied = own.double(7)
stub.restore()
m.reset().does(() => 9)
return [first, second, m.calls().length, stubbed, await probe.echo(7), spied, spy.calls(), m()]
