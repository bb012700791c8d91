let deep = [], cycle = {}, part = {}
for (let i = 0; i < 5000; i++) deep = [deep]
cycle.self = cycle
const was = { list: [1], inside: { a: {} }, cycle, shared: [part, part], deep }[params.how]
const copy = core.deepCopy(was)
if (params.how === "cycle") return [copy !== was, copy.self === copy]
if (params.how === "shared") return [copy[0] !== part, copy[0] === copy[1]]
if (params.how === "list") copy.push(2)
else copy.a.b = 1
return [was, copy]
