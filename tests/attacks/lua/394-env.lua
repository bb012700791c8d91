-- expect: denied | group: policy | holds: a variable that was not granted is not told, under any spelling
for _, n in ipairs({ params.variable, params.variable:lower(), "LLMSPELL_*", params.variable .. "\0", params.variable .. "=", "*", "", "PATH", " " .. params.variable }) do
  if pcall(env.get, n) then return "ESCAPE " .. n end
end
return env.get(params.open_variable) == "granted" and "ok" or "ESCAPE refused"
