-- expect: limit | group: tasks | holds: promises that beget promises are stopped
local function again() return promise.resolve(1):and_then(again) end
again()
