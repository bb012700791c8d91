for i = 1, params.count do
  pcall(print, "ten bytes.")
  pcall(probe.echo)
end
return params.count
