const ch = channel.new(params.capacity), got = []
promise.spawn(async () => {
  for (let i = 1; i <= params.count; i++) await ch.send(i)
  ch.close()
})
for await (const value of ch) got.push(value)
return got
