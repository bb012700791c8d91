local count = 0
testing.before_each(function() testing.fake_clock(0) end)
testing[params.how]("f", function()
  count = count + 1
  local mine = count
  sleep(mine)
  if params.fails and mine >= params.fails then error {kind = "unlucky", message = "no"} end
end, params.options)
local came = testing.run()[1]
return {status = came.status, kind = came.kind, measured = came.measured}
