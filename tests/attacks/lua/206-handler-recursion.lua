-- expect: limit | group: swallow | holds: message handlers that raise for ever cannot outlive the limit
while true do xpcall(error, function(e) error(e) end) end
