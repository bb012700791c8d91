const name = params.f.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase())
return data[name](...params.args)
