print("begun")
local text = [[fire
