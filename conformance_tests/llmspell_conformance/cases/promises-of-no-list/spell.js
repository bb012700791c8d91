const name = params.how.replace("_s", "S")
return await promise[name](params.x ?? null, () => {})
