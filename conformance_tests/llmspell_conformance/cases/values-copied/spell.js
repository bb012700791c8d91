const mine = params.x
await probe.keep(mine)
mine.items = "changed"
return await probe.kept()
