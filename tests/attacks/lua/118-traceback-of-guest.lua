-- expect: denied | group: escape | holds: tracebacks show no path of the host and no frame of the guest
local seen = debug.traceback("m") .. tostring(debug.traceback())
local ok, e = pcall(probe.fail)
seen = seen .. tostring(e) .. tostring(e.traceback)
return (seen:find("llmspell_lua", 1, true) or seen:find("/home", 1, true) or seen:find("site-packages", 1, true)) and "ESCAPE " .. seen or "ok"
