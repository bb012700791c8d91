local a, b = { 1 }, {}
if params.shape == "list" then a[2] = a return a end
if params.shape == "map" then b.me = b return b end
a[2], b.other = b, a
return b
