local mine = params.x
probe.keep(mine)
mine.items = "changed"
return probe.kept()
