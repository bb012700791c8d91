const name = params.f.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase())
return core[name](...params.args)
