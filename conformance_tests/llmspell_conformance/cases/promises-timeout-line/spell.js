const nap = () => sleep(1)
if (params.how === "task") {
  await promise.timeout(promise.spawn(nap), 0.01)
} else if (params.how === "function") {
  await errors.timeout(nap, 0.01)
} else if (params.how === "channels") {
  await channel.select([channel.new()], { timeout: 0.01 })
} else {
  await channel.select([channel.new()], { timeout: 0 })
}
