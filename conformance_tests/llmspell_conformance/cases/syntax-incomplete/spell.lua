print("begun")
if params.x then
  print("inside")
