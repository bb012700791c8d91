local option, field = "option 'long_nane': is unknown", "probe.bounds: option 'limits': tool_cals: is unknown"
local function call_twice() probe.call_twice(1) end
local words, try = table.unpack(({
  method = {"probe has no method 'with_conter'; did you mean 'with_counter'?", function() probe.with_conter(1) end},
  option = {"probe.options: " .. option .. "; did you mean 'long_name'?", function() probe.options(1, {long_nane = 1}) end},
  field = {"probe.bounds: " .. field .. "; did you mean 'tool_calls'?", function() probe.bounds({limits = {tool_cals = 1}}) end},
  argument = {"probe.call_twice: argument 1 (function): must be a function, not integer 1", call_twice},
})[params.what])
local _, problem = pcall(try)
return list {problem.kind, problem.message == words or problem.message}
