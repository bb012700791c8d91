local options, began = {attempts = 3, delay = 0.05, jitter = 1, max_delay = 0.01}, time.now()
local slept = list {}
pcall(errors.retry, function() slept[#slept + 1] = math.random() error("m") end, options)
return slept
