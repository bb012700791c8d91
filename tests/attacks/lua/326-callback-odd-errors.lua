-- expect: harmless | group: callbacks | holds: callbacks that raise odd things are answered, and the run goes on
for _, e in ipairs({ 1, true, {}, print, coroutine.running(), setmetatable({}, { __tostring = function() error("x") end }), ("\255"):rep(9), 0 / 0 }) do
  if pcall(probe.call, function() error(e) end) then return "bad" end
end
return not pcall(probe.call, function() error() end) and probe.echo(1) == 1
