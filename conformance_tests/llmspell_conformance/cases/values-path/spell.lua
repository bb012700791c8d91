local bad = coroutine.create(function() end)
if params.shape == "list" then return { 1, bad } end
if params.shape == "map" then return { a = { b = { 0, 1, 2, bad } } } end
if params.shape == "accent" then return { ["größe"] = bad } end
return { ["a key"] = bad }
