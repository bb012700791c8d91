local way, create = {}, errors.create
local function odd(kind, message) return create(message or "m", {kind = kind or "odd"}) end
function way.code() return create("m", {code = "E_ODD"}) end
function way.number() return create("m", {code = 404}) end
function way.data() return create("m", {kind = "odd", data = {a = 1}}) end
function way.cause() return create("m", {cause = "why"}) end
function way.wrapped() return errors.wrap(odd(), "reading") end
function way.wrapped_data() return errors.wrap(odd(), {data = {file = "a"}}) end
function way.wrapped_kind() return errors.wrap(odd(), {kind = "k"}) end
function way.wrapped_text() return errors.wrap("plain", "reading") end
function way.chain() return errors.chain{odd("a", "m1"), odd("b", "m2"), odd("c", "m3")} end
function way.chain_one() return errors.chain{odd("a", "m1")} end
function way.several() return errors.aggregate{odd("a", "m1"), "plain"} end
function way.several_one() return errors.aggregate{odd("a", "m1")} end
function way.json() return errors.from_json(errors.to_json(create("m", {kind = "odd", data = {a = {1}}, cause = "why"}))) end
function way.json_code()
  local kept = errors.from_json(errors.to_json(create("m", {kind = "odd", code = 404})))
  return create("m", {kind = kept.kind, data = kept.code})
end
function way.none() return errors.chain{} end
function way.no_error() return errors.from_json('{"a": 1}') end
function way.no_text() return create(5) end
function way.json_nulls()
  local e = errors.from_json('{"message": "m", "data": null, "code": null, "file": null, "line": null, "cause": null}')
  return create(e.message, {data = {e.code == nil, e.data == nil, e.cause == nil}})
end
return way
