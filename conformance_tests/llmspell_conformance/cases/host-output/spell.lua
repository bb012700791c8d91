for _, line in ipairs(params.lines) do print(line) end
