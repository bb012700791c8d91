const { x, y } = params
return [x + y, x - y, x * y]
