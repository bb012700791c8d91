-- expect: denied | group: border | holds: a handle cannot be kept for another run
-- next: return state.get("h", {scope = "spell"}) == nil
if pcall(state.set, "h", probe.thing(), { scope = "spell" }) then return "ESCAPE" end
return "ok"
