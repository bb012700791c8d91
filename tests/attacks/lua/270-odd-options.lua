-- expect: denied | group: border | holds: options with reserved names are refused
for _, o in ipairs({ { __class__ = 1 }, { self = 1 }, { __init__ = 1 }, { cls = 1 }, { args = {} }, { kwargs = {} }, { ["bytes "] = true }, { [""] = 1 } }) do
  if pcall(fs.read, params.open .. "/note", o) then return "ESCAPE" end
end
return fs.read(params.open .. "/note") == "granted" and "ok" or "ESCAPE refused"
