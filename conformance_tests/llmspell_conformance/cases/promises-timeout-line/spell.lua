local function nap() sleep(1) end
if params.how == "task" then
  promise.timeout(promise.spawn(nap), 0.01):await()
elseif params.how == "function" then
  errors.timeout(nap, 0.01)
elseif params.how == "channels" then
  channel.select {channel.new(), timeout = 0.01}
else
  channel.select {channel.new(), timeout = 0}
end
