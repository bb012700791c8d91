const p = require("probe"), j = require("json")
return [await p.echo(params.x), j.decode(j.encode(params.x))]
