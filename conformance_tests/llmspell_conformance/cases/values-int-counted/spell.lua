local x, y = params.x, params.y
return { x + y, x - y, x * y }
