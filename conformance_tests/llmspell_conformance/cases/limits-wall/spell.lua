repeat
  pcall(probe.never)
until not params.again
return "went on"
