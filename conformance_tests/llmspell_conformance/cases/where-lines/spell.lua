if params.line == 1 then error("boom") end
if params.line == 2 then error("boom") end

if params.line == 4 then error("boom") end
probe.echo(1)
if params.line == 6 then error("boom") end
