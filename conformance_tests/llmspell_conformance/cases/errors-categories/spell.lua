errors.register_category("mine", "own1", {retryable = true})
errors.register_category("dire", {"own2", "own3"}, {fatal = true})
errors.register_category("found", function(e) return e.kind == "odd" end)
errors.register_category("disk", "disk")
errors.register_category("storage", {"disk"})
local e = errors.create("m", {kind = params.kind})
return list {errors.categorize(e), errors.is_retryable(e), errors.is_fatal(e)}
