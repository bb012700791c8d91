local count = 0
while params.forever do
  count = count + 1
end
return count
