-- expect: harmless | group: output | holds: printing what cannot be shown raises or shows something else
for _, v in ipairs({ setmetatable({}, { __tostring = function() return 1 end }), setmetatable({}, { __name = {} }), setmetatable({}, { __tostring = error }), probe, null, print, ("\255"):rep(100) }) do pcall(print, v) end
return "ok"
