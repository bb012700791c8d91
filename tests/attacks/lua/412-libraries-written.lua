-- expect: denied | group: tamper | holds: the libraries of the guest cannot be written to
-- next: return json.encode(1) == "1" and promise.resolve ~= nil and time.now ~= nil
for _, t in ipairs({ json, promise, time, string, coroutine, os, io, probe }) do
  if pcall(function() t.encode = print end) or pcall(rawset, t, "encode", print) or pcall(setmetatable, t, {}) then return "ESCAPE " .. tostring(t) end
end
return "ok"
