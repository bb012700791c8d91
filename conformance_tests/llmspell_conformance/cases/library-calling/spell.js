const seen = [], out = []
await require("ways")[params.how](x => { seen.push(x); return x }, x => { out.push(x) })
if (seen.length > 0) out.unshift(seen)
return out
