pcall(function() string.upper = function() return "mine" end end)
return params.x:upper()
