local function down(n)
  if n == 0 then return probe.echo(0) end
  return 1 + down(n - 1)
end
return down(params.depth)
