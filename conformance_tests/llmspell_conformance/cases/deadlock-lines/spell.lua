local ch = channel.new()
local way = params.how
probe.echo()
if way == "promise" then promise.new(function() end):await() end
if way == "receive" then ch:receive() end
if way == "send" then ch:send(1) end
if way == "select" then channel.select{ch} end
if way == "token" then promise.token():watch(promise.new(function() end)):await() end
