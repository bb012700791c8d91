for i = 1, params.count do
  pcall(probe.echo, i)
end
return params.count
