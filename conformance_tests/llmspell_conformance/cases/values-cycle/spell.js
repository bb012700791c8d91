const a = [1], b = {}
if (params.shape === "list") { a.push(a); return a }
if (params.shape === "map") { b.me = b; return b }
a.push(b)
b.other = a
return b
