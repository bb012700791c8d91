const ring = () => { const o = {}; o.a = o; return o }
const deep = () => { let o = {}; for (let i = 0; i < 3000; i++) o = { a: o }; return o }
const make = params.deep ? deep : ring
if (params.f === "flatten") { const list = []; list.push(list); return data.flatten(list, Infinity) }
return data[params.f](make(), make())
