local clock, woken = testing.fake_clock(1000.5), list()
local function sleeper(first, second)
  return promise.spawn(function()
    for _, seconds in ipairs {first, second} do sleep(seconds) woken[#woken + 1] = clock:now() end
  end)
end
sleeper(5) sleeper(2, 5)
local before, after = clock:now(), clock:advance(10)
return list {before, after, woken}
