local value = 1
if params.fail then
  value = value + 1
  error("no")
  value = 0
end
return value
