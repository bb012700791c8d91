probe.keep(function()
  pcall(probe.never)
  print("still here")
end)
