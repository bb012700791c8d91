const way = {}, { create } = errors
const odd = (kind = "odd", message = "m") => create(message, { kind })
way.code = () => create("m", { code: "E_ODD" })
way.number = () => create("m", { code: 404 })
way.data = () => create("m", { kind: "odd", data: { a: 1 } })
way.cause = () => create("m", { cause: "why" })
way.wrapped = () => errors.wrap(odd(), "reading")
way.wrapped_data = () => errors.wrap(odd(), { data: { file: "a" } })
way.wrapped_kind = () => errors.wrap(odd(), { kind: "k" })
way.wrapped_text = () => errors.wrap("plain", "reading")
way.chain = () => errors.chain([odd("a", "m1"), odd("b", "m2"), odd("c", "m3")])
way.chain_one = () => errors.chain([odd("a", "m1")])
way.several = () => errors.aggregate([odd("a", "m1"), "plain"])
way.several_one = () => errors.aggregate([odd("a", "m1")])
way.json = () => errors.fromJson(errors.toJson(create("m", { kind: "odd", data: { a: [1] }, cause: "why" })))
way.json_code = () => {
  const { kind, code } = errors.fromJson(errors.toJson(create("m", { kind: "odd", code: 404 })))
  return create("m", { kind, data: code })
}
way.none = () => errors.chain([])
way.no_error = () => errors.fromJson('{"a": 1}')
way.no_text = () => create(5)
way.json_nulls = () => {
  const e = errors.fromJson('{"message": "m", "data": null, "code": null, "file": null, "line": null, "cause": null}')
  return create(e.message, { data: [e.code === undefined, e.data === undefined, e.cause === undefined] })
}
module.exports = way
