print("begun")
local = 5
print("ended")
