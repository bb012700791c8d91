-- expect: denied | group: tamper | holds: globals of one run are not there for the next
-- next: return x == nil and probe.echo(1) == 1 and next ~= nil and type(print) == "function"
x, print, next = 1, nil, nil
_G.probe, _G.tostring, _G.pcall = nil, nil, nil
return "ok"
