local seen = 0
local ok, e = pcall(function()
  for _ in probe.stream_then_fail(params.count) do seen = seen + 1 end
end)
return { seen = seen, kind = e.kind }
