const name = params.matcher.replace(/_(.)/g, (_, letter) => letter.toUpperCase())
const judge = e => {
  try { e[name](...params.args); return "holds" } catch (error) { return error.kind }
}
const e = testing.expect(params.value)
return [judge(e), judge(e.never())]
