-- expect: denied | group: border | holds: a function cannot be kept for another run
-- next: return state.get("f", {scope = "spell"}) == nil
if pcall(state.set, "f", { deep = { print } }, { scope = "spell" }) then return "ESCAPE" end
return "ok"
