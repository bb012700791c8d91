const a = channel.new(2), b = channel.new(2)
try {
  const [found, ...more] = [await require("ways")[params.how](a, b)].flat()
  return [found.channel === a ? "a" : "b", found.value ?? "nothing", found.closed, ...more]
} catch (error) { return [error.kind] }
