const bad = Symbol("bad")
if (params.shape === "list") return [1, bad]
if (params.shape === "map") return { a: { b: [0, 1, 2, bad] } }
if (params.shape === "accent") return { größe: bad }
return { "a key": bad }
