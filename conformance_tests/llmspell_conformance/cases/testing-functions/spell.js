const fails = () => { if (params.value !== null) throw new Error(params.value) }
const isEven = n => n % 2 === 0
const name = params.matcher.replace("_m", "M")
const e = testing.expect(params.takes ? fails : params.value)
const told = async e => {
  try { await e[name](params.takes ?? isEven); return "holds" } catch (error) { return error.kind }
}
return [await told(e), await told(e.never())]
