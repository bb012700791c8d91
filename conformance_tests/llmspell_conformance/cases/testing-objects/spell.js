const fake = testing.mockObject({ a: 1, b: n => n - 2 })
const named = testing.mockObject(["c"])
const found = [fake.a(), named.c() === undefined, fake.b(5)]
fake.b(6)
testing.expect(fake.b).lastCalledWith(6).never().lastCalledWith(5)
return [...found, fake.b.calls()]
