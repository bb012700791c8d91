try { String.prototype.toUpperCase = () => "mine" } catch {}
return params.x.toUpperCase()
