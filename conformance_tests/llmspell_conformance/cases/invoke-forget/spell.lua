local function run() return "ran" end
probe.keep(run)
probe.echo()
probe.keep(run)
return "main"
