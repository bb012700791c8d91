local fake = testing.mock_object{a = 1, b = function(n) return n - 2 end}
local named = testing.mock_object{"c"}
local found = list {fake.a(), named.c() == nil, fake.b(5)}
fake.b(6)
testing.expect(fake.b):last_called_with(6):never():last_called_with(5)
found[4] = fake.b:calls()
return found
