local p, j = require("probe"), require("json")
return { p.echo(params.x), j.decode(j.encode(params.x)) }
