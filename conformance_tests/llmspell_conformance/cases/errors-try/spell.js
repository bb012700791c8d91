const seen = []
try {
  const x = await require("ways")[params.how](x => { seen.push(x ?? null) })
  if (x !== undefined) seen.push(x)
} catch (error) { seen.push(`${error.kind}: ${error.message}`) }
return seen
