local words, method, first, options = table.unpack(({
  method = list {"probe has no method 'with_conter'; did you mean 'with_counter'?", "with_conter"},
  option = list {"probe.options: option 'long_nane': is unknown; did you mean 'long_name'?", "options",
    1, {long_nane = 1}},
  field = list {"probe.bounds: option 'limits': tool_cals: is unknown; did you mean 'tool_calls'?", "bounds",
    {limits = {tool_cals = 1}}},
  argument = list {"probe.call_twice: argument 1 (function): must be a function, not integer 1", "call_twice", 1},
})[params.what])
local _, problem = pcall(function() return probe[method](first, options) end)
return list {problem.kind, problem.message == words or problem.message}
