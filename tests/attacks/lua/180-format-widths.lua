-- expect: harmless | group: memory | holds: widths and precisions of string.format are bounded
for _, f in ipairs({ "%99999999d", "%.99999999f", "%099999s", "%" .. string.rep("0", 5000) .. "d", "%5000.5000s" }) do
  if pcall(string.format, f, 1) then return "ESCAPE " .. #f end
end
return "ok"
