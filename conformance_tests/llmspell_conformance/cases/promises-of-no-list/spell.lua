local x = params.x == nil and null or params.x
return promise[params.how](x, function() end):await()
