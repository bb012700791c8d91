// expect: denied | group: policy | holds: a variable that was not granted is not told, under any spelling
for (const n of [params.variable, params.variable.toLowerCase(), "LLMSPELL_*", params.variable + "\0", params.variable + "=", "*", "", "PATH", " " + params.variable]) try { return "ESCAPE " + await env.get(n) } catch {}
return await env.get(params.open_variable) === "granted" ? "ok" : "ESCAPE refused"
